/**
 * Text of another language as Terraform takes it literally: a `${` or `%{` in it would be read as
 * Terraform's own. The tokens of cdktf stay, and become expressions.
 */
export function terraformText(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, "$$$${").replace(/%\{/g, "%%{");
}
