import { type Facts, isName, NOTHING, READS, type Wanted, type Word, WORDS } from './tags';

/** What a cell can be made in the editor. */
export type Choice = 'step' | 'untagged' | 'skip' | 'parameters' | 'imports' | 'functions' | 'setup' | 'pipeline-metrics';

/** The editor's fields, as they are typed. */
export interface Form {
  choice: Choice;
  name: string;
  after: readonly string[];
  cpus: string;
  gpus: string;
  memory: string;
  accelerator: string;
  retries: string;
  timeout: string;
  cache: '' | 'on' | 'off' | 'age';
  age: string;
  serial: boolean;
  data: readonly string[];
}

export type Field = 'name' | Exclude<Word, 'cache'> | 'age';

/** The fields that say what is so now. Where a unit is usual it is left out. */
export function formOf({ label, step, facts }: Wanted): Form {
  const { after, cpus, gpus, accelerator, retries, serial, cache, data } = facts;
  const age = cache !== '' && cache !== 'on' && cache !== 'off';
  return {
    choice: choiceOf(label, step),
    name: step ?? '',
    after,
    cpus,
    gpus,
    memory: facts.memory.replace(/^(\d+(?:\.\d+)?)\s*GB$/i, '$1'),
    accelerator,
    retries,
    timeout: /^\d+(\.\d+)?$/.test(facts.timeout)
      ? `${facts.timeout}s`
      : facts.timeout.replace(/^(\d+(?:\.\d+)?)\s*m$/, '$1'),
    cache: age ? 'age' : (cache as Form['cache']),
    age: age ? cache : '',
    serial,
    data
  };
}

function choiceOf(label: string, step: string | null): Choice {
  switch (label) {
    case '':
      return step === null ? 'untagged' : 'step';
    case 'pipeline-parameters':
    case 'injected-parameters':
      return 'parameters';
    default:
      return label as Choice;
  }
}

/** What the fields want; `before` keeps its own words where they mean the same. */
export function wantedBy(form: Form, before: Wanted): Wanted {
  const facts: Facts = {
    after: form.after,
    cpus: form.cpus.trim(),
    gpus: form.gpus.trim(),
    memory: unit(form.memory, 'GB'),
    accelerator: form.accelerator.trim(),
    retries: form.retries.trim(),
    timeout: unit(form.timeout, 'm'),
    cache: form.cache === 'age' ? form.age.trim() : form.cache,
    serial: form.serial,
    data: form.data
  };
  const seconds = READS.timeout(facts.timeout);
  const same = seconds !== null && seconds === READS.timeout(before.facts.timeout);
  const timeout = same ? before.facts.timeout : facts.timeout;
  const step = form.choice === 'step' ? form.name.trim() : null;
  const keeps = choiceOf(before.label, before.step) === form.choice;
  const plain = form.choice === 'step' || form.choice === 'untagged';
  return { label: keeps ? before.label : plain ? '' : form.choice, step, facts: { ...facts, timeout } };
}

function unit(text: string, usual: string): string {
  const said = text.trim();
  return /^\d+(\.\d+)?$/.test(said) ? `${said}${usual}` : said;
}

/** The fields that can't be as they are. */
export function wrongIn(form: Form): Field[] {
  if (form.choice !== 'step') {
    return [];
  }
  const { facts } = wantedBy(form, { label: '', step: null, facts: NOTHING });
  const wrong: Field[] = isName(form.name.trim()) ? [] : ['name'];
  for (const field of WORDS) {
    if (field !== 'cache' && facts[field] && (READS[field](facts[field]) === null || !isTaggable(facts[field]))) {
      wrong.push(field);
    }
  }
  if (form.cache === 'age' && (!facts.cache || READS.cache(facts.cache) === null)) {
    wrong.push('age');
  }
  return wrong;
}

/** Whether a tag can say it: tags hold no commas. */
export function isTaggable(text: string): boolean {
  return text.trim() !== '' && !text.includes(',');
}
