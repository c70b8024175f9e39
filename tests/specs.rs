//! Every spec in `specs/` is a test of its own name: it must come out as passed, without a warning,
//! by the public harness and with the options that the command has by default.

use reparam_check::harness::Specs;
use std::process::ExitCode;

fn main() -> ExitCode {
    Specs::at("specs/**/*.yaml").deny_warnings().main()
}
