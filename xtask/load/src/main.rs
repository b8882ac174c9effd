//! `cuehook-load send`: carries out the plan in its input. `cuehook-load receive [MS]`: is called, and answers after so many milliseconds.
//!
//! `send` says `begin` and `end` when what is measured begins and ends, each on a line, and then what was found. `receive` says where
//! it listens, and ends when its input does.

use std::io::Read as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::net::TcpSocket;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("send"), None) => {
            let plan = serde_json::from_reader(std::io::stdin())?;
            let report =
                runtime.block_on(cuehook_load::send(plan, || println!("begin"), || println!("end")))?;
            println!("{}", serde_json::to_string(&report)?);
            Ok(())
        }
        (Some("receive"), delay) => {
            let delay = delay.map_or(Ok(0), |delay| delay.parse())?;
            // Whoever has started this holds its input open.
            std::thread::spawn(|| {
                let _ = std::io::stdin().read_to_end(&mut Vec::new());
                std::process::exit(0);
            });
            LocalSet::new().block_on(&runtime, async {
                // All connections come at once: none of them is to wait for a second try.
                let socket = TcpSocket::new_v4()?;
                socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
                let listener = socket.listen(4096)?;
                println!("{}", listener.local_addr()?);
                cuehook_load::receive(listener, Duration::from_millis(delay)).await
            })
        }
        _ => bail!("usage: cuehook-load send < PLAN, or cuehook-load receive [MS]"),
    }
}
