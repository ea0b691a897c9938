//! The house rules that a compiler does not know, read from ARCHITECTURE.md and checked against every source file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
    found
}

/// `src/ws/member.rs` belongs to `ws`, `src/config.rs` to `config`.
fn module_of(path: &Path) -> String {
    let first = path.strip_prefix(root().join("src")).expect("below src").components().next().expect("a name");
    first.as_os_str().to_str().expect("text").trim_end_matches(".rs").to_owned()
}

fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let table =
        text.split("<!-- direction:begin -->").nth(1).and_then(|rest| rest.split("<!-- direction:end -->").next());
    table
        .expect("the direction table")
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| module") && !line.starts_with("| ---"))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let module = cells.next().expect("module").to_owned();
            let uses = cells.next().unwrap_or_default().split(',').map(|name| name.trim().to_owned());
            (module, uses.filter(|name| !name.is_empty()).collect())
        })
        .collect()
}

#[test]
fn every_module_uses_only_what_its_row_names() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for path in sources(&root().join("src")) {
        let module = module_of(&path);
        if module == "lib" {
            continue;
        }
        let row = allowed.get(&module).unwrap_or_else(|| panic!("{module} has no row in the direction table"));
        let text = fs::read_to_string(&path).expect("source");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for used in line.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let fine = name.is_empty() || name == module || name == "domain" || row.contains(&name);
                if !fine {
                    wrong.push(format!("{}:{}: {module} uses {name}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_of_the_direction_table_has_a_module() {
    for module in allowed().keys() {
        let file = root().join("src").join(format!("{module}.rs"));
        let folder = root().join("src").join(module);
        assert!(file.exists() || folder.exists(), "{module}");
    }
}

#[test]
fn sql_stands_only_in_storage() {
    for path in sources(&root().join("src")) {
        let module = module_of(&path);
        if matches!(module.as_str(), "storage" | "servers") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("source");
        assert!(!text.contains("sqlx::query"), "{} holds SQL", path.display());
    }
}
