/** One system call of a trace, times in seconds since epoch. */
export type Call = {
  readonly name: string;
  /** What follows the descriptor, as strace prints it. */
  readonly text: string;
  /** Path or socket of the first argument, as `strace -y` prints it. */
  readonly file: string;
  readonly startS: number;
  /** When it had returned; equal to the start when the trace does not tell. */
  readonly endS: number;
};

const LINE = /^(\d+\.\d+) (\w+)\((\d+)<([^>]*)>(.*)\)\s+= (-?\d+).*?(?:<(\d+\.\d+)>)?$/;

/** Reads one thread's trace (`strace -ff -ttt -T -y`); lines that are no call on a descriptor are left out. */
export function parseStrace(text: string): Call[] {
  return text.split("\n").flatMap((line) => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const [, start, name = "", , file = "", rest = "", result, took] = match;
    if (Number(result) < 0) return [];
    const startS = Number(start);
    return [{ name, file, text: rest, startS, endS: startS + Number(took ?? 0) }];
  });
}

/**
 * Looks, for each mark that a request carried, for the write of it to a file, then for a flush of that
 * file which started later, and demands that it had returned before the answer's bytes left. Answers
 * are matched in order: requests were sent one after the other.
 */
export function unflushedAcknowledgements(
  calls: readonly Call[],
  marks: readonly string[],
): { acknowledged: number; unflushed: string[] } {
  const sorted = [...calls].sort((a, b) => a.startS - b.startS);
  const isFlush = (call: Call) => call.name === "fsync" || call.name === "fdatasync";
  const isAnswer = (call: Call) => call.text.includes("HTTP/1.1 204");
  const answers = sorted.filter(isAnswer);
  const unflushed: string[] = [];
  marks.forEach((mark, i) => {
    const answer = answers[i];
    if (answer === undefined) return;
    const written = sorted.find(
      (call) => call.file.startsWith("/") && !isFlush(call) && call.text.includes(mark),
    );
    const flush =
      written &&
      sorted.find(
        (call) => isFlush(call) && call.file === written.file && call.startS >= written.endS,
      );
    if (written === undefined) unflushed.push(`${mark}: its bytes were written to no file`);
    else if (flush === undefined) unflushed.push(`${mark}: ${written.file} was not flushed`);
    else if (flush.endS > answer.startS)
      unflushed.push(`${mark}: answered ${(flush.endS - answer.startS) * 1e3} ms too early`);
  });
  return { acknowledged: answers.length, unflushed };
}
