//! `fanfare completions`: what a shell needs to complete the command's words.

use clap::{Args, Command};
use clap_complete::Shell;
use std::io::Write;

#[derive(Args)]
#[command(after_help = "\
Examples:
  fanfare completions bash > ~/.local/share/bash-completion/completions/fanfare
  fanfare completions zsh > ~/.zfunc/_fanfare
  fanfare completions fish > ~/.config/fish/completions/fanfare.fish")]
pub(crate) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn completions(
    arguments: &CompletionsArguments,
    mut command: Command,
) -> std::io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "fanfare", &mut script);
    std::io::stdout().write_all(&script)
}
