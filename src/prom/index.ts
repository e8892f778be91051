export { promProblem } from "./answers.ts";
export { prometheusRoutes } from "./routes.ts";
