// Files that are imported as their text, with `{ type: "text" }`.
declare module "*.min.js" {
  const text: string;
  export default text;
}
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.svg" {
  const text: string;
  export default text;
}
declare module "*/app.js" {
  const text: string;
  export default text;
}
declare module "*/chart.js" {
  const text: string;
  export default text;
}
declare module "*/lines.js" {
  const text: string;
  export default text;
}
