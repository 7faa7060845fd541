import { Fn, TerraformVariable } from "cdktf";
import { terraformText } from "../../../lib/core/terraform-text";
import { resolved, stackOf } from "../synth";

describe("text of another language", () => {
  test("keeps its own ${…} and %{…} out of Terraform's hands", () => {
    expect(terraformText('if ($host) { return 301 "https://${host}%{x}"; }')).toBe(
      'if ($host) { return 301 "https://$${host}%%{x}"; }',
    );
  });

  test("keeps what is not special to Terraform", () => {
    const text = "proxy_set_header Host $http_host; # 100 % {sure}";
    expect(terraformText(text)).toBe(text);
  });

  test("keeps values that only the deploy knows", () => {
    const stack = stackOf();
    const password = new TerraformVariable(stack, "password", {}).stringValue;
    const text = terraformText(`secret: ${password} ${Fn.upper("a")} \${shell}`);
    expect(resolved(stack, text)).toBe('secret: ${var.password} ${upper("a")} $${shell}');
  });
});
