import { expect, test } from "bun:test";
import {
  type Caller,
  type KeyScope,
  LEAST_ROLE,
  mayUse,
  type Permission,
  ROLES,
  type Role,
} from "./access.ts";

const base = {
  tenantId: "acme",
  tenantNo: 1,
  id: "1",
  name: "x",
  sessionId: undefined,
  sourceNo: undefined,
  from: "",
};
const person = (role: Role): Caller => ({ ...base, kind: "session", role, scope: undefined });
const key = (scope: KeyScope): Caller => ({ ...base, kind: "key", role: undefined, scope });

test.each([
  ["anybody may use an open route", "open", undefined, true],
  ["nobody may read the plant unnamed", "plant:read", undefined, false],
  ["a viewer reads", "plant:read", person("viewer"), true],
  ["a viewer acts on nothing", "alarm:act", person("viewer"), false],
  ["an operator acknowledges", "alarm:act", person("operator"), true],
  ["an operator writes no rule", "rule:write", person("operator"), false],
  ["an analyst writes rules", "rule:write", person("analyst"), true],
  ["an analyst makes no user", "admin", person("analyst"), false],
  ["a person is not a device", "device", person("admin"), false],
  ["a write key sends readings", "device", key("write"), true],
  ["a write key reads nothing", "plant:read", key("write"), false],
  ["a read key reads", "plant:read", key("read"), true],
  ["a read key writes nothing", "work:write", key("read"), false],
  ["a key has no self", "self", key("admin"), false],
  ["an admin key administers", "admin", key("admin"), true],
] as const)("%s", (_name, permission, caller, allowed) => {
  expect(mayUse(permission, caller)).toBe(allowed);
});

test("a higher role never loses a right", () => {
  for (const permission of Object.keys(LEAST_ROLE) as Permission[]) {
    const allowed = ROLES.map((role) => mayUse(permission, person(role)));
    expect(allowed).toEqual([...allowed].sort((a, b) => Number(a) - Number(b)));
  }
});
