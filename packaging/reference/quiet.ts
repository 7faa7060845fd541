/** Environment in which jsii's tools say nothing of the end of this Node's support: they take the versions to be silent about. */
export const quiet = { JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: process.versions.node.split(".")[0] };
