import net from "node:net";
import tls from "node:tls";
import { Neighbour } from "./neighbour";

export interface Mail {
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly to: string[];
  readonly text: string;
}

/** A mail server that takes mail after STARTTLS and a login, as those of the internet do. */
export class MailServer extends Neighbour {
  public readonly mails: Mail[] = [];

  public constructor(port: number, identity: { readonly key: string; readonly cert: string }) {
    super(port, () =>
      net.createServer((socket) => {
        socket.write("220 mail.example.com ESMTP\r\n");
        new Conversation(socket, identity, (mail) => this.mails.push(mail));
      }),
    );
  }
}

class Conversation {
  private login = ["", ""];
  private from = "";
  private to: string[] = [];
  private data?: string[];

  public constructor(
    socket: net.Socket,
    private readonly identity: { readonly key: string; readonly cert: string },
    private readonly deliver: (mail: Mail) => void,
    private readonly secure = false,
  ) {
    let rest = "";
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const lines = (rest + chunk).split("\r\n");
      rest = lines.pop() as string;
      for (const line of lines) {
        this.line(socket, line);
      }
    });
  }

  private line(socket: net.Socket, line: string): void {
    if (this.data) {
      if (line !== ".") {
        this.data.push(line);
        return;
      }
      const [user, password] = this.login;
      this.deliver({ user, password, from: this.from, to: this.to, text: this.data.join("\n") });
      this.data = undefined;
    }
    socket.write(`${this.answer(socket, line)}\r\n`);
  }

  private answer(socket: net.Socket, line: string): string {
    const [, address = ""] = /<(.*)>/.exec(line) ?? [];
    switch (line.split(/[ :]/)[0].toUpperCase()) {
      case "EHLO":
        return this.secure ? "250-mail.example.com\r\n250 AUTH PLAIN" : "250-mail.example.com\r\n250 STARTTLS";
      case "STARTTLS":
        socket.removeAllListeners("data");
        setImmediate(() => {
          const secured = new tls.TLSSocket(socket, { isServer: true, ...this.identity });
          new Conversation(secured, this.identity, this.deliver, true);
        });
        return "220 go on";
      case "AUTH":
        this.login = Buffer.from(line.split(" ")[2], "base64").toString().split("\0").slice(1);
        return "235 welcome";
      case "MAIL":
        this.from = address;
        return this.secure ? "250 fine" : "530 STARTTLS first";
      case "RCPT":
        this.to.push(address);
        return "250 fine";
      case "DATA":
        this.data = [];
        return "354 go on";
      case ".":
        return "250 taken";
      default:
        return "221 bye";
    }
  }
}
