//! A folder for one run, gone when the run is over.

use std::{
    io,
    path::{Path, PathBuf},
};

pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(temp_dir: &Path, name: &str) -> io::Result<Self> {
        let folder = temp_dir.join(format!("graborder-{name}-{:08x}", rand::random::<u32>()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder.canonicalize()?))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            super::say(format_args!("{} could not be removed: {error}", self.0.display()));
        }
    }
}
