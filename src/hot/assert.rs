//! What a Redis must be before a node uses it: new enough, evicting nothing, and never accepting writes alone when it has
//! replicas. A server that fails this would lose decided claims silently, so the node does not start.

use super::{Hot, HotError, lineage::field, read};

const REDIS_MIN: (u32, u32) = (7, 0);
const VALKEY_MIN: (u32, u32) = (7, 2);
/// Seconds that a replica may lag before the primary stops accepting writes.
const REPLICA_LAG_S_MAX: u32 = 2;

impl Hot {
    pub(super) async fn assert_fit(&self) -> Result<(), HotError> {
        fit_version(&self.info("server").await?)?;
        fit_memory(&self.info("memory").await?)?;
        if has_replicas(&self.info("replication").await?)? {
            let to_write = self.setting("min-replicas-to-write").await?;
            let lag_s = self.setting("min-replicas-max-lag").await?;
            fit_replicas(to_write, lag_s)?;
        }
        Ok(())
    }

    async fn setting(&self, name: &str) -> Result<u32, HotError> {
        let reply: Vec<String> = read(self.link.call(redis::cmd("CONFIG").arg("GET").arg(name)).await?)?;
        let text = reply.get(1).ok_or_else(|| HotError::Refused(format!("it does not tell its {name}")))?;
        text.parse().map_err(|_| HotError::Refused(format!("its {name} is {text}")))
    }
}

fn fit_version(server: &str) -> Result<(), HotError> {
    let (name, text, min) = match (field(server, "valkey_version"), field(server, "redis_version")) {
        (Some(valkey), _) => ("Valkey", valkey, VALKEY_MIN),
        (None, Some(redis)) => ("Redis", redis, REDIS_MIN),
        (None, None) => return Err(HotError::Refused("it does not tell its version".to_owned())),
    };
    let mut numbers = text.split('.').map(|part| part.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(major), Some(minor)) if (major, minor) >= min => Ok(()),
        _ => Err(HotError::Refused(format!("it is {name} {text}, and {}.{} or newer is needed", min.0, min.1))),
    }
}

fn fit_memory(memory: &str) -> Result<(), HotError> {
    match field(memory, "maxmemory_policy") {
        Some("noeviction") => Ok(()),
        Some(policy) => Err(HotError::Refused(format!(
            "its maxmemory-policy is {policy}, which throws decided claims away; set it to noeviction"
        ))),
        None => Err(HotError::Refused("it does not tell its maxmemory-policy".to_owned())),
    }
}

/// A replica itself is refused: it decides nothing.
fn has_replicas(replication: &str) -> Result<bool, HotError> {
    match (field(replication, "role"), field(replication, "connected_slaves")) {
        (Some("master"), Some(count)) => Ok(count != "0"),
        (Some("master"), None) => Err(HotError::Refused("it does not tell how many replicas it has".to_owned())),
        (role, _) => {
            Err(HotError::Refused(format!("its role is {}, and a primary is needed", role.unwrap_or("unknown"))))
        }
    }
}

fn fit_replicas(to_write: u32, lag_s: u32) -> Result<(), HotError> {
    if to_write >= 1 && (1..=REPLICA_LAG_S_MAX).contains(&lag_s) {
        return Ok(());
    }
    Err(HotError::Refused(format!(
        "it has replicas and min-replicas-to-write {to_write}, min-replicas-max-lag {lag_s}: a primary that was cut off would \
         go on granting; set them to at least 1 and at most {REPLICA_LAG_S_MAX}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_refused_and_a_new_one_is_not() {
        for fit in
            ["redis_version:7.0.15\r\n", "redis_version:8.2.1\r\n", "redis_version:7.2.4\r\nvalkey_version:7.2.5\r\n"]
        {
            assert!(fit_version(fit).is_ok(), "{fit}");
        }
        for unfit in
            ["redis_version:6.2.14\r\n", "redis_version:7.2.4\r\nvalkey_version:7.0.0\r\n", "redis_version:x\r\n", ""]
        {
            assert!(matches!(fit_version(unfit), Err(HotError::Refused(_))), "{unfit}");
        }
    }

    #[test]
    fn a_server_that_evicts_is_refused() {
        assert!(fit_memory("maxmemory_policy:noeviction\r\n").is_ok());
        for unfit in ["maxmemory_policy:allkeys-lru\r\n", "maxmemory_policy:volatile-ttl\r\n", ""] {
            assert!(matches!(fit_memory(unfit), Err(HotError::Refused(_))), "{unfit}");
        }
    }

    #[test]
    fn a_primary_with_replicas_must_stop_when_they_are_gone() {
        assert!(matches!(has_replicas("role:master\r\nconnected_slaves:0\r\n"), Ok(false)));
        assert!(matches!(has_replicas("role:master\r\nconnected_slaves:2\r\n"), Ok(true)));
        assert!(has_replicas("role:slave\r\nconnected_slaves:0\r\n").is_err());
        assert!(fit_replicas(1, 2).is_ok());
        for (to_write, lag_s) in [(0, 2), (1, 10), (1, 0)] {
            assert!(fit_replicas(to_write, lag_s).is_err(), "{to_write} {lag_s}");
        }
    }
}
