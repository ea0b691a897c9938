//! One binary with roles; see `graborder help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    graborder::cli::main()
}
