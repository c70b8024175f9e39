//! The command.

fn main() -> std::process::ExitCode {
    reparam_check::cli::main(std::env::args_os())
}
