// Runs Smart DCC's tools: one list of jobs as JSON on standard input, one list of outcomes on standard output.
// A job: {mode: sign | validate | parse | construct, xml or duis, preserveCounter}; an outcome: {value} or {error}.
const { parseDuis, constructDuis } = require('@smartdcc/duis-parser');
const { signDuis, validateDuis } = require('@smartdcc/duis-sign-wrap');

const AT_A_TIME = 2; // each is a Java process of its own

async function run(job, jarFile) {
  const xml = job.xml === undefined ? undefined : Buffer.from(job.xml, 'base64');
  switch (job.mode) {
    case 'sign':
      return signDuis({ xml, jarFile, preserveCounter: job.preserveCounter });
    case 'validate':
      return validateDuis({ xml, jarFile });
    case 'parse':
      return parseDuis('simplified', xml);
    case 'construct':
      return constructDuis('simplified', job.duis);
    default:
      throw new Error(`no such mode: ${job.mode}`);
  }
}

async function main() {
  const pieces = [];
  for await (const piece of process.stdin) pieces.push(piece);
  const { jobs, jarFile } = JSON.parse(Buffer.concat(pieces).toString('utf-8'));
  const outcomes = new Array(jobs.length);
  let next = 0;
  const hand = async () => {
    while (next < jobs.length) {
      const place = next++;
      try {
        outcomes[place] = { value: await run(jobs[place], jarFile) };
      } catch (error) {
        outcomes[place] = { error: String(error.message ?? error) };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, hand));
  const plain = (_, value) => (typeof value === 'bigint' ? value.toString() : value);
  process.stdout.write(JSON.stringify(outcomes, plain));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
