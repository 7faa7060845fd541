import fs from "node:fs";

const ORDER = "/sys/module/page_reporting/parameters/page_reporting_order";
/** Blocks larger than the kernel makes: nothing is reported. */
const OFF = 11;

/**
 * Whether a virtual machine gives its host back what memory is free. To get it again costs up to two seconds of CPU a
 * GiB, paid by whatever next writes a file: figures of pushes then differ by half from round to round.
 */
export function givesFreeMemoryBack(): boolean {
  return fs.existsSync(ORDER) && Number(fs.readFileSync(ORDER, "utf8")) < OFF;
}

export const FREE_MEMORY_HINT = `This machine gives free memory back to its host: pushes differ from round to round.
For steady figures, as root, while measuring: echo ${OFF} > ${ORDER}`;
