// Functions that pick, join and walk collections. http://hl7.org/fhirpath/N1/#filtering-and-projection, #subsetting, #combining

import { isObject } from '../../fhir/json.ts';
import { compare, distinct, hasEqual } from './equality.ts';
import {
  argument,
  type Call,
  condition,
  type Evaluate,
  type FunctionTable,
  forEach,
  integer,
  singleInteger,
  takes,
  typeArgument,
} from './functions.ts';
import { childrenInto, descendantsInto, type Node, type Nodes, nothing, single, stepTo } from './node.ts';
import type { Scope } from './scope.ts';
import { isExactly, requireType } from './types.ts';

export const collectionFunctions: FunctionTable<Evaluate> = {
  where: takes(1, 1, (call) => {
    const holds = condition(call);
    return walking(call.of, (node, out, scope, focus) => {
      if (holds(focus, scope) === true) out.push(node);
    });
  }),
  select: takes(1, 1, (call) => {
    const project = argument(call);
    return walking(call.of, (_node, out, scope, focus) => {
      for (const found of project(focus, scope)) out.push(found);
    });
  }),
  repeat: takes(1, 1, (call) => {
    const project = argument(call);
    return (focus, scope) => {
      const found: Node[] = [];
      let next = call.of(focus, scope);
      while (next.length > 0) {
        const fresh: Node[] = [];
        forEach(next, scope, (one) => {
          for (const node of project(one, scope)) {
            if (!hasEqual(found, node, scope)) {
              found.push(node);
              fresh.push(node);
            }
          }
        });
        next = fresh;
      }
      return found;
    };
  }),
  aggregate: takes(1, 2, (call) => {
    const add = argument(call);
    const initial = argument(call, 1);
    return (focus, scope) => {
      const outer = scope.total;
      scope.total = initial(focus, scope);
      forEach(call.of(focus, scope), scope, (one) => {
        scope.total = add(one, scope);
      });
      const total = scope.total;
      scope.total = outer;
      return total;
    };
  }),
  ofType: takes(1, 1, (call) => {
    const type = requireType(typeArgument(call));
    return changed(call.of, (nodes) => nodes.filter((node) => isExactly(node, type)));
  }),
  // R4's own invariants say as() of collections.
  as: takes(1, 1, (call) => {
    const type = requireType(typeArgument(call));
    return changed(call.of, (nodes) => nodes.filter((node) => isExactly(node, type)));
  }),
  first: takes(0, 0, ({ of }) => changed(of, (nodes) => nodes.slice(0, 1))),
  last: takes(0, 0, ({ of }) => changed(of, (nodes) => nodes.slice(-1))),
  tail: takes(0, 0, ({ of }) => changed(of, (nodes) => nodes.slice(1))),
  single: takes(0, 0, ({ of }) =>
    changed(of, (nodes) => {
      single(nodes);
      return nodes;
    }),
  ),
  skip: takes(1, 1, (call) => {
    const count = argument(call);
    return (focus, scope) => call.of(focus, scope).slice(Math.max(0, singleInteger(count(focus, scope)) ?? 0));
  }),
  take: takes(1, 1, (call) => {
    const count = argument(call);
    return (focus, scope) => call.of(focus, scope).slice(0, Math.max(0, singleInteger(count(focus, scope)) ?? 0));
  }),
  count: takes(0, 0, ({ of }) => changed(of, (nodes) => integer(nodes.length))),
  distinct: takes(0, 0, ({ of }) => changed(of, distinct)),
  union: takes(1, 1, (call) => union(call.of, argument(call))),
  combine: takes(1, 1, (call) => {
    const other = argument(call);
    return (focus, scope) => [...call.of(focus, scope), ...other(focus, scope)];
  }),
  intersect: takes(1, 1, (call) => {
    const other = argument(call);
    return (focus, scope) => {
      const kept = other(focus, scope);
      return distinct(
        call.of(focus, scope).filter((node) => hasEqual(kept, node, scope)),
        scope,
      );
    };
  }),
  exclude: takes(1, 1, (call) => {
    const other = argument(call);
    return (focus, scope) => {
      const left = other(focus, scope);
      return call.of(focus, scope).filter((node) => !hasEqual(left, node, scope));
    };
  }),
  children: takes(0, 0, ({ of }) => walking(of, childrenInto)),
  descendants: takes(0, 0, ({ of }) => walking(of, descendantsInto)),
  sort: takes(0, 1, sorted),
  extension: takes(1, 1, (call) => {
    const url = argument(call);
    const extensions = stepTo('extension');
    return (focus, scope) => {
      const [asked] = url(focus, scope);
      const out: Node[] = [];
      for (const node of call.of(focus, scope)) extensions.into(node, out);
      return out.filter(({ value }) => isObject(value) && value.url === asked?.value);
    };
  }),
  // The condition and both answers are about the one value that stands before it, or none.
  iif: takes(2, 3, (call) => {
    const holds = condition(call);
    const then = argument(call, 1);
    const otherwise = argument(call, 2);
    return (focus, scope) => {
      const nodes = call.of(focus, scope);
      single(nodes);
      return holds(nodes, scope) === true ? then(nodes, scope) : otherwise(nodes, scope);
    };
  }),
  // Nothing is written anywhere: what is looked at are people's records.
  trace: takes(1, 2, ({ of }) => of),
};

/** `|`: all values of both, each once. */
export function union(left: Evaluate, right: Evaluate): Evaluate {
  return (focus, scope) => distinct([...left(focus, scope), ...right(focus, scope)], scope);
}

const changed =
  (of: Evaluate, change: (nodes: Nodes, scope: Scope) => Nodes): Evaluate =>
  (focus, scope) =>
    change(of(focus, scope), scope);

function walking(of: Evaluate, visit: (node: Node, out: Node[], scope: Scope, focus: Nodes) => void): Evaluate {
  return (focus, scope) => {
    const nodes = of(focus, scope);
    if (nodes.length === 0) return nothing;
    const out: Node[] = [];
    forEach(nodes, scope, (one, node) => visit(node, out, scope, one));
    return out;
  };
}

/** By the values themselves or what is found for each; a sign before that turns the order round. */
function sorted(call: Call): Evaluate {
  const [by] = call.args;
  const isReversed = by?.kind === 'sign' && by.op === '-';
  const key = by === undefined ? (one: Nodes) => one : call.compiler.values(isReversed ? by.of : by);
  return (focus, scope) => {
    const keyed = call.of(focus, scope).map((node) => ({ node, key: key([node], scope) }));
    const order = (left: Nodes, right: Nodes): number => {
      scope.step();
      return left.length === 0 || right.length === 0 ? left.length - right.length : (compare(left, right) ?? 0);
    };
    keyed.sort((left, right) => (isReversed ? order(right.key, left.key) : order(left.key, right.key)));
    return keyed.map(({ node }) => node);
  };
}
