import type { TreeNode } from "../../views/ui/asset-tree.tsx";
import { ASSET_STATES, type AssetState } from "../../views/ui/model.ts";
import type { Asset } from "../domain/asset.ts";
import type { Plant, PlantAsset } from "./plant.ts";

/** What the address asks for; empty = all. */
export type AssetsFilter = {
  readonly q: string;
  readonly state: AssetState | "";
  readonly type: string;
  readonly criticality: string;
  readonly branch: string;
};

/** Ids of an asset and of everything below it. Pure. */
export function branchOf(assets: ReadonlyMap<string, Asset>, rootId: string): ReadonlySet<string> {
  const below = Map.groupBy(assets.values(), ({ parentId }) => parentId ?? "");
  const found = new Set<string>();
  const todo = [rootId];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    for (const child of below.get(id) ?? []) todo.push(child.id);
  }
  return found;
}

/** Machines that pass every filter, by tag. Pure. */
export function filterMachines(plant: Plant, filter: AssetsFilter): PlantAsset[] {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  const branch = filter.branch === "" ? undefined : branchOf(plant.assets, filter.branch);
  return plant.machines
    .filter(({ asset, ref, type, state }) => {
      const text = `${ref.tag} ${ref.name} ${type?.name ?? ""}`.toLowerCase();
      return (
        words.every((word) => text.includes(word)) &&
        (filter.state === "" || state === filter.state) &&
        (filter.type === "" || asset.typeId === filter.type) &&
        (filter.criticality === "" || asset.criticality === filter.criticality) &&
        (branch === undefined || branch.has(asset.id))
      );
    })
    .sort((a, b) => a.ref.tag.localeCompare(b.ref.tag, "en", { numeric: true }));
}

/** Places and machines that hold others, with the machines below them and the worst of their states. */
export function treeOf(plant: Plant, chosen: string): TreeNode[] {
  const below = Map.groupBy(plant.assets.values(), ({ parentId }) => parentId ?? "");
  const nodeOf = (asset: Asset): { node: TreeNode; states: AssetState[] } => {
    const children = (below.get(asset.id) ?? []).map(nodeOf);
    const own = plant.byId.get(asset.id);
    const states = [
      ...(own === undefined ? [] : [own.state]),
      ...children.flatMap((c) => c.states),
    ];
    const node = {
      id: asset.id,
      name: asset.name || asset.key,
      count: states.length,
      worst: { state: ASSET_STATES.find((state) => states.includes(state)) ?? "healthy" },
      chosen: asset.id === chosen,
      children: children
        .map((child) => child.node)
        .filter(({ id }) => isBranch(plant, below, id))
        .sort(byName),
    };
    return { node, states };
  };
  const roots = [...plant.assets.values()].filter(
    ({ parentId }) => parentId === undefined || !plant.assets.has(parentId),
  );
  return roots
    .filter(({ id }) => isBranch(plant, below, id))
    .map((root) => nodeOf(root).node)
    .sort(byName);
}

/** A machine without anything below it stands in the table only. */
function isBranch(plant: Plant, below: ReadonlyMap<string, Asset[]>, id: string): boolean {
  return below.has(id) || !plant.byId.has(id);
}

function byName(a: TreeNode, b: TreeNode): number {
  return a.name.localeCompare(b.name, "en", { numeric: true });
}

/** From the root down to the asset itself. Pure. */
export function pathOf(assets: ReadonlyMap<string, Asset>, id: string): Asset[] {
  const path: Asset[] = [];
  let asset = assets.get(id);
  while (asset !== undefined && !path.includes(asset)) {
    path.unshift(asset);
    asset = asset.parentId === undefined ? undefined : assets.get(asset.parentId);
  }
  return path;
}
