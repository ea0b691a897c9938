//! What a supervisor with regions sees of the chain: asked of the books each time, so that a change counts at once.

/// A condition: the region is one of this user's; anything goes for somebody without regions, and for nobody in particular.
macro_rules! in_area {
    ($region:literal, $user:literal) => {
        concat!(
            "(not exists (select from user_regions where user_id = ",
            $user,
            "::uuid) or ",
            $region,
            " in (select region from user_regions where user_id = ",
            $user,
            "::uuid))"
        )
    };
}

pub(super) use in_area;
