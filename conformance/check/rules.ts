// The import rules that hold beside the arrows: who may touch PostgreSQL, BullMQ, the environment and the commit; which
// parts know no I/O library; no import that a check cannot follow.
import { partOf } from './arrows.ts';
import type { SourceFile, Violation } from './source.ts';

type Rule = {
  message: string;
  /** Paths or folders the rule leaves alone. */
  except: string[];
  breaks(file: SourceFile): boolean;
};

const PURE = ['fhir', 'forecast', 'access', 'search', 'mappings'];
const ENVIRONMENT = /\bprocess\s*(?:\?\.|\.)\s*env\b|\}\s*=\s*process\b|\bprocess\s*\[/;

/** The rules as data. Tests may reach behind the doors; the bench floor and outside suites are named one by one. */
const RULES: Rule[] = [
  {
    message: 'only server/store imports pg',
    except: ['server/store/', 'test/', 'conformance/bench/'],
    breaks: (file) => importsPackage(file, 'pg'),
  },
  {
    message: 'only server/jobs imports bullmq',
    except: ['server/jobs/', 'test/'],
    breaks: (file) => importsPackage(file, 'bullmq'),
  },
  {
    message: 'only server/config.ts reads the environment',
    except: ['server/config.ts', 'test/', 'conformance/'],
    breaks: readsEnvironment,
  },
  {
    message: 'only server/store/write.ts imports store/commit.ts',
    except: ['server/store/write.ts', 'test/'],
    breaks: (file) => file.imports.includes('server/store/commit.ts'),
  },
  {
    message: `${PURE.join(', ')} know no I/O library (pg, fastify, bullmq)`,
    except: ['test/'],
    breaks: (file) =>
      PURE.includes(partOf(file.path)?.kind ?? '') &&
      ['pg', 'fastify', 'bullmq'].some((name) => importsPackage(file, name)),
  },
  {
    message: 'import() takes a plain string here, so that the checks can follow it',
    except: ['test/', 'conformance/'],
    breaks: (file) => file.openImports > 0,
  },
];

/** Every import that breaks a rule. */
export function ruleViolations(files: SourceFile[], rules = RULES): Violation[] {
  return rules.flatMap((rule) =>
    files
      .filter(
        (file) => !rule.except.some((path) => (path.endsWith('/') ? file.path.startsWith(path) : file.path === path)),
      )
      .filter((file) => rule.breaks(file))
      .map((file) => ({ file: file.path, message: rule.message })),
  );
}

// `pg` stands for the package, its files (`pg/lib/…`) and its companions (`pg-pool`, `@fastify/static`).
function importsPackage(file: SourceFile, name: string): boolean {
  return file.imports.some(
    (target) =>
      target === name ||
      target.startsWith(`${name}/`) ||
      target.startsWith(`${name}-`) ||
      target.startsWith(`@${name}/`),
  );
}

// Importing `process` by name would hide the word that the pattern looks for, so that counts as well.
function readsEnvironment(file: SourceFile): boolean {
  const imports = file.imports.some((target) => target === 'node:process' || target === 'process');
  return imports || ENVIRONMENT.test(file.code);
}
