//! Connections: to which host, for how long is waited, and what holds for each.

use super::address::{Address, AddressFault};
use super::fault::Fault;
use super::tls::Tls;
use deadpool_postgres::{
    Connect, Manager, ManagerConfig, Pool, PoolConfig, RecyclingMethod, Runtime, Timeouts,
};
use secrecy::{ExposeSecret as _, SecretString};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, LoadBalanceHosts, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, Error};

/// How long making a connection to one host may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long is waited for a connection while all are in use.
const WAIT: Duration = Duration::from_secs(2);
/// How long a verb may take once it has its connection. Longer than a statement may take, so that as a rule the server ends it.
pub(super) const PATIENCE: Duration = Duration::from_secs(6);
/// So many connections at most. Each is a process of the server's; a statement takes milliseconds.
const CONNECTIONS: usize = 16;

/// What holds for each connection. Whatever the server's, the database's or the role's default is: a commit is on disk before it is
/// acknowledged (and at the standbys, if the server has been told of any); a statement ends, and a transaction, too, whose relay has
/// gone. Plans are made once, since with many partitions planning takes longer than executing; and so that they stay good when a table
/// that was empty fills, they never read whole tables where there is an index. Compiling them to machine code takes longer than all else.
const SESSION: &str = "
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
    SET statement_timeout = '5s';
    SET lock_timeout = '4s';
    SET idle_in_transaction_session_timeout = '10s';
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET jit = off;
    SET standard_conforming_strings = on;
    SET search_path = pg_catalog, pg_temp";

/// A pool for what an address names. Nothing is connected yet.
///
/// # Errors
/// If the address cannot be read, or asks for what there is not. The error does not quote it: there is a password in it.
pub(super) fn pool(url: &SecretString) -> Result<Pool, Fault> {
    let address = Address::parse(url.expose_secret())?;
    let tls = Tls::new(&address.trust, address.config.get_ssl_negotiation())?;
    let hosts = Hosts { each: each_host(&address)?, tls };
    let create = CONNECT.saturating_mul(u32::try_from(hosts.each.len()).unwrap_or(u32::MAX));
    let manager = Manager::from_connect(
        address.config,
        hosts,
        ManagerConfig { recycling_method: RecyclingMethod::Fast },
    );
    let timeouts = Timeouts { wait: Some(WAIT), create: Some(create), recycle: Some(CONNECT) };
    let mut settings = PoolConfig::new(CONNECTIONS);
    settings.timeouts = timeouts;
    let pool = Pool::builder(manager).config(settings).runtime(Runtime::Tokio1).build();
    pool.map_err(|error| Fault::refused(error.to_string()))
}

/// A configuration for each host of a configuration, so that one that accepts and then says nothing does not keep the others from
/// being tried.
fn each_host(address: &Address) -> Result<Vec<Config>, Fault> {
    let config = &address.config;
    let count = config.get_hosts().len().max(config.get_hostaddrs().len());
    let ports = config.get_ports();
    if count == 0 || (ports.len() > 1 && ports.len() != count) {
        return Err(Fault::refused(
            "the database's address has no host, or not one port for each of its hosts",
        ));
    }
    Ok((0..count).map(|index| one_host(config, address.mode, index)).collect())
}

fn one_host(config: &Config, mode: SslMode, index: usize) -> Config {
    let mut one = Config::new();
    one.ssl_mode(mode);
    match config.get_hosts().get(index) {
        Some(Host::Tcp(name)) => {
            one.host(name);
        }
        #[cfg(unix)]
        Some(Host::Unix(path)) => {
            one.host_path(path);
            // As with libpq: nobody listens there.
            one.ssl_mode(SslMode::Disable);
        }
        _ => {}
    }
    if let Some(address) = config.get_hostaddrs().get(index) {
        one.hostaddr(*address);
        if one.get_hosts().is_empty() {
            // It is what a certificate is for.
            one.host(address.to_string());
        }
    }
    if let Some(port) = config.get_ports().get(index).or(config.get_ports().first()) {
        one.port(*port);
    }
    if let Some(user) = config.get_user() {
        one.user(user);
    }
    if let Some(password) = config.get_password() {
        one.password(password);
    }
    if let Some(database) = config.get_dbname() {
        one.dbname(database);
    }
    if let Some(options) = config.get_options() {
        one.options(options);
    }
    one.application_name(config.get_application_name().unwrap_or("cuehook-relay"));
    one.ssl_negotiation(config.get_ssl_negotiation());
    one.connect_timeout(CONNECT);
    one.tcp_user_timeout(PATIENCE);
    one.keepalives(true);
    one.keepalives_idle(Duration::from_secs(10));
    one.keepalives_interval(Duration::from_secs(5));
    one.keepalives_retries(3);
    // A relay has to write: a standby that answers is not the one that is looked for.
    one.target_session_attrs(TargetSessionAttrs::ReadWrite);
    one.channel_binding(config.get_channel_binding());
    one.load_balance_hosts(LoadBalanceHosts::Disable);
    one
}

impl From<AddressFault> for Fault {
    fn from(fault: AddressFault) -> Self {
        Self::refused(fault.to_string())
    }
}

/// Connects to the first host that takes writes.
struct Hosts {
    each: Vec<Config>,
    tls: Tls,
}

type Connected = Result<(Client, JoinHandle<()>), Error>;

impl Connect for Hosts {
    fn connect(&self, _: &Config) -> Pin<Box<dyn Future<Output = Connected> + Send + '_>> {
        Box::pin(async {
            let mut last = None;
            for host in &self.each {
                // One that does not answer in time says nothing that could be told.
                match tokio::time::timeout(CONNECT, connect(host, self.tls.clone())).await {
                    Ok(Ok(connected)) => return Ok(connected),
                    Ok(Err(error)) => last = Some(error),
                    Err(_) => {}
                }
            }
            match last {
                Some(error) => Err(error),
                // None has answered: the pool's own limit, which has run out by now, says so.
                None => std::future::pending().await,
            }
        })
    }
}

async fn connect(config: &Config, tls: Tls) -> Connected {
    let (client, connection) = config.connect(tls).await?;
    // Ends with the client, or with the connection: then the client is closed, and the pool makes another one.
    let task = tokio::spawn(async {
        let _ = connection.await;
    });
    client.batch_execute(SESSION).await?;
    Ok((client, task))
}
