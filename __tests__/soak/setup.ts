process.env.EVERY_VERSION = "yes";
