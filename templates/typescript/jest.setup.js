// The matchers, such as toHaveResourceWithProperties.
require("cdktf").Testing.setupJest();
