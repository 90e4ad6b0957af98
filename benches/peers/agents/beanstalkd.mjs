// beanstalkd, spoken to by its own protocol: an agent is a connection that reserves a job and deletes it.
import { connect } from "node:net";
import { count, options, payload, pieces, run } from "./common.mjs";

/** Connections that put jobs; each put waits for its own fsync. */
const SEEDERS = 8;

class Connection {
  #socket;
  #rest = Buffer.alloc(0);
  #waiting = [];

  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => resolve(new Connection(socket)));
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#take(bytes));
    const broken = (error) => this.#waiting.forEach((w) => w.reject(error ?? new Error("closed")));
    socket.on("error", broken);
    socket.on("close", () => broken());
  }

  /** Sends a command; answers with the words of the reply. A body that follows a reply is dropped. */
  ask(command) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(command);
    });
  }

  #take(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = this.#rest.indexOf("\r\n");
      if (end < 0) return;
      const words = this.#rest.toString("latin1", 0, end).split(" ");
      const body = words[0] === "RESERVED" ? Number(words[2]) + 2 : 0;
      if (this.#rest.length < end + 2 + body) return;
      this.#rest = this.#rest.subarray(end + 2 + body);
      this.#waiting.shift().resolve(words);
    }
  }
}

function expect(words, wanted) {
  if (words[0] !== wanted) throw new Error(`beanstalkd says ${words.join(" ")}, not ${wanted}`);
}

await run({
  async seed(jobs) {
    const connections = await Promise.all(
      Array.from({ length: SEEDERS }, () => Connection.open(options.port)),
    );
    for (const numbers of pieces(jobs, 2_000)) {
      const puts = numbers.map(async (number) => {
        const body = JSON.stringify(payload(number));
        const put = `put 1024 0 600 ${Buffer.byteLength(body)}\r\n${body}\r\n`;
        expect(await connections[number % SEEDERS].ask(put), "INSERTED");
      });
      await Promise.all(puts);
    }
  },
  async start(agent) {
    const connection = await Connection.open(options.port);
    for (;;) {
      const reserved = await connection.ask("reserve\r\n");
      expect(reserved, "RESERVED");
      expect(await connection.ask(`delete ${reserved[1]}\r\n`), "DELETED");
      count(agent);
    }
  },
});
