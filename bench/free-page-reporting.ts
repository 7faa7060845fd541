import fs from "node:fs";
import path from "node:path";

const ORDER = "/sys/module/page_reporting/parameters/page_reporting_order";
/** Blocks larger than the kernel makes: nothing is reported. */
const OFF = 11;
const DEVICES = "/sys/bus/virtio/devices";
/** Virtual I/O Device 1.2, 5.5: the balloon, and its feature of reporting free pages. */
const BALLOON = 5;
const REPORTING = 5;

/**
 * Whether a virtual machine gives its host back what memory is free. To get it again costs more than two seconds of CPU
 * a GiB, paid by whatever next writes a file: figures of pushes then differ by half from round to round.
 */
export function givesFreeMemoryBack(): boolean {
  return fs.existsSync(ORDER) && Number(read(ORDER)) < OFF && devices().some(reportsFreePages);
}

export const FREE_MEMORY_HINT = `This machine gives free memory back to its host: pushes differ from round to round.
For steady figures, as root, while measuring: echo ${OFF} > ${ORDER}`;

function devices(): string[] {
  return fs.existsSync(DEVICES) ? fs.readdirSync(DEVICES).map((name) => path.join(DEVICES, name)) : [];
}

/** Features are written as a digit a bit, the lowest first. */
function reportsFreePages(device: string): boolean {
  return (
    Number(read(path.join(device, "device"))) === BALLOON && read(path.join(device, "features"))[REPORTING] === "1"
  );
}

function read(file: string): string {
  return fs.readFileSync(file, "utf8");
}
