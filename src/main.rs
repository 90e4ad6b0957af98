//! To come.

use clap::Parser;

#[derive(Parser)]
struct Root {
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: muster::operate::Verb,
}

#[tokio::main]
async fn main() {
    let root = Root::parse();
    if let Err(failed) = muster::operate::run(root.verb, root.json).await {
        eprintln!("error: {failed} ({})", failed.reason());
        std::process::exit(failed.exit_code().into());
    }
}
