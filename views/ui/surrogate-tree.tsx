import type { ReadableTree } from "../../src/domain/model.ts";
import { t } from "../texts/index.ts";

/** Splits deeper than this are left out; the tree is for reading. */
const DEPTH_MOST = 4;

/** A small tree that imitates the champion, as nested questions. */
export function SurrogateTree(props: { tree: ReadableTree; scale: number; unit: string }) {
  return (
    <ul class="questions">
      <Node node={props.tree} scale={props.scale} unit={props.unit} depth={0} />
    </ul>
  );
}

function short(value: number): string {
  const size = Math.abs(value);
  const decimals = size >= 100 ? 0 : size >= 1 ? 1 : 2;
  return value.toFixed(decimals).replace("-", "\u2212");
}

function Node(props: { node: ReadableTree; scale: number; unit: string; depth: number }) {
  const { node } = props;
  if (node.kind === "leaf") {
    return <li class="leaf">{t.tree.leaf(short(node.steps * props.scale), props.unit)}</li>;
  }
  if (props.depth >= DEPTH_MOST) return <li class="leaf faint">{t.tree.deeper}</li>;
  const next = { scale: props.scale, unit: props.unit, depth: props.depth + 1 };
  return (
    <>
      <li>
        <span>{t.tree.above(node.feature, short(node.threshold))}</span>
        <ul>
          <Node node={node.high} {...next} />
        </ul>
      </li>
      <li>
        <span class="muted">{t.tree.otherwise}</span>
        <ul>
          <Node node={node.low} {...next} />
        </ul>
      </li>
    </>
  );
}
