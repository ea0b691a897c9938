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

/// The text of every source file of a module, up to its tests.
fn product(module: &str) -> Vec<(PathBuf, String)> {
    let all = sources(&root().join("src")).into_iter().filter(|path| module_of(path) == module);
    let text = |path: &PathBuf| fs::read_to_string(path).expect("source");
    all.map(|path| (path.clone(), text(&path).split("#[cfg(test)]").next().unwrap_or_default().to_owned())).collect()
}

#[test]
fn no_sql_is_put_together_from_texts() {
    // sqlx takes only constants, unless somebody asserts that a text is safe; what goes into it is bound.
    for path in sources(&root().join("src")) {
        // Names of private databases are made here, from our own process.
        if module_of(&path) == "servers" {
            continue;
        }
        let text = fs::read_to_string(&path).expect("source");
        for word in ["AssertSqlSafe", "QueryBuilder", "SqlStr"] {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
    for (path, text) in product("storage") {
        for made in text.split("format!(").skip(1) {
            let text = made.trim_start().to_lowercase();
            let is_sql = ["select ", "insert ", "update ", "delete ", "truncate "]
                .iter()
                .any(|verb| text.trim_start_matches('"').starts_with(verb));
            assert!(!is_sql, "{} makes SQL from a format", path.display());
        }
    }
}

#[test]
fn no_lua_is_put_together_from_texts() {
    for path in sources(&root().join("src")) {
        let text = fs::read_to_string(&path).expect("source");
        // The one place that makes a script out of text takes it from `lua/`, at compile time.
        if path.ends_with("hot/scripts/call.rs") {
            assert_eq!(text.matches("Script::new(").count(), 1, "{}", path.display());
            assert_eq!(text.matches("include_str!").count(), 1, "{}", path.display());
            continue;
        }
        for word in ["Script::new(", "\"EVAL\"", "\"SCRIPT\"", "\"FUNCTION\"", "invoke_async"] {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
    for entry in fs::read_dir(root().join("lua")).expect("folder") {
        let path = entry.expect("entry").path();
        let text = fs::read_to_string(&path).expect("script");
        for word in ["loadstring", "load(", "dofile", "setfenv"] {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}
