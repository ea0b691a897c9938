//! Under whose name Postgres runs: it refuses root, so root lends it the account of somebody harmless.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Result, ServerError, at};

const ROOT_UID: u32 = 0;

/// An account that a server may be started as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub uid: u32,
    pub gid: u32,
}

/// Who runs Postgres when `folder` was made by this process: `None` for oneself, an account when one is root.
pub(super) fn for_postgres(folder: &Path) -> Result<Option<Account>> {
    // Whoever makes a folder owns it, which tells who we are without asking the system in unsafe code.
    let owner_uid = fs::metadata(folder).map_err(at("looking at", folder))?.uid();
    if owner_uid != ROOT_UID {
        return Ok(None);
    }
    let users = Path::new("/etc/passwd");
    let table = fs::read_to_string(users).map_err(at("reading", users))?;
    ["postgres", "nobody"].iter().find_map(|name| account_named(&table, name)).map(Some).ok_or(ServerError::NoUser)
}

fn account_named(table: &str, name: &str) -> Option<Account> {
    let fields: Vec<&str> = table.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|f| f[0] == name)?;
    Some(Account { uid: fields.get(2)?.parse().ok()?, gid: fields.get(3)?.parse().ok()? })
}

/// Whether the account may walk through every folder down to and including `folder`.
pub(super) fn can_reach(account: Account, folder: &Path) -> bool {
    folder.ancestors().all(|step| {
        fs::metadata(step).is_ok_and(|meta| {
            let execute = match (meta.uid() == account.uid, meta.gid() == account.gid) {
                (true, _) => 0o100,
                (false, true) => 0o010,
                (false, false) => 0o001,
            };
            meta.mode() & execute != 0
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_the_user_table() {
        let table = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
        assert_eq!(account_named(table, "nobody"), Some(Account { uid: 65534, gid: 65533 }));
        assert_eq!(account_named(table, "postgres"), None);
    }

    #[test]
    fn a_locked_parent_hides_everything_below_it() {
        use std::os::unix::fs::PermissionsExt;
        let outer = std::env::temp_dir().join(format!("graborder-reach-{}", rand::random::<u64>()));
        let inner = outer.join("inner");
        fs::create_dir_all(&inner).unwrap();
        let owner = fs::metadata(&outer).unwrap();
        let stranger = Account { uid: owner.uid() + 1, gid: owner.gid() + 1 };
        assert!(can_reach(stranger, &inner));
        fs::set_permissions(&outer, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!can_reach(stranger, &inner));
        fs::remove_dir_all(&outer).unwrap();
    }
}
