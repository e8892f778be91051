import { paths, withQuery } from "../paths.ts";
import type { StateMark } from "./model.ts";
import { StateGlyph } from "./status-badge.tsx";

export type TreeNode = {
  readonly id: string;
  readonly name: string;
  readonly count: number;
  /** Worst state below it; healthy shows nothing. */
  readonly worst: StateMark;
  readonly chosen: boolean;
  readonly children: readonly TreeNode[];
};

/** Branches of the plant as links; the chosen one filters the table beside it. */
export function AssetTree(props: { nodes: readonly TreeNode[] }) {
  return (
    <ul class="tree">
      {props.nodes.map((node) => (
        <li>
          <a
            href={withQuery(paths.assets, { branch: node.id })}
            aria-current={node.chosen ? "true" : undefined}
          >
            <span class="name">{node.name}</span>
            {node.worst.state !== "healthy" && <StateGlyph {...node.worst} />}
            <span class="n">{node.count}</span>
          </a>
          {node.children.length > 0 && <AssetTree nodes={node.children} />}
        </li>
      ))}
    </ul>
  );
}
