//! A long list that fails, made short: pieces are left out, half the list first and single entries last,
//! for as long as the rest still fails.

/// The shortest list found within `tries` trials that `fails`; `list` itself must fail. Unless the trials
/// run out, no single entry of it can be left out.
pub fn shortest<T: Clone>(
    list: &[T],
    mut tries: usize,
    mut fails: impl FnMut(&[T]) -> bool,
) -> Vec<T> {
    let mut list = list.to_vec();
    let mut piece = list.len().div_ceil(2);
    while piece > 0 {
        let mut shorter = false;
        let mut from = 0;
        while from < list.len() {
            if tries == 0 {
                return list;
            }
            tries -= 1;
            let to = (from + piece).min(list.len());
            let rest = [&list[..from], &list[to..]].concat();
            if fails(&rest) {
                list = rest;
                shorter = true;
            } else {
                from = to;
            }
        }
        // What was needed by an entry that is gone now can go too.
        if !(piece == 1 && shorter) {
            piece /= 2;
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_fails_and_nothing_of_it_can_go() {
        let list: Vec<u32> = (0..1_000).collect();
        let needed = [3, 500, 501, 999];
        let fails = |rest: &[u32]| needed.iter().all(|it| rest.contains(it));
        assert_eq!(shortest(&list, 10_000, fails), needed);
    }

    #[test]
    fn an_entry_that_is_needed_only_by_another_goes_with_it() {
        // 7 alone fails; 5 is needed for as long as 6 is there.
        let fails = |rest: &[u32]| rest.contains(&7) && (rest.contains(&5) || !rest.contains(&6));
        assert_eq!(shortest(&[5, 6, 7], 100, fails), [7]);
    }

    #[test]
    fn it_ends_when_the_trials_run_out() {
        let list: Vec<u32> = (0..100).collect();
        let mut tried = 0;
        let left = shortest(&list, 5, |_| {
            tried += 1;
            false
        });
        assert_eq!((left.len(), tried), (100, 5));
    }
}
