/** Unit tests need nothing but Node, also where Terraform is installed: what asks for it has to fail here. */
process.env.TERRAFORM_BINARY_NAME = "not-in-unit-tests";
