//! An ordered set that counts: insert, remove, "how many are smaller" and "the k-th" in O(log n).
//!
//! A treap whose nodes lie in one vector. The priority of a node is a hash of its slot, so that the
//! shape depends on nothing but the content, and no randomness is needed.

use super::rules::Key;

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    key: Key,
    left: u32,
    right: u32,
    size: u32,
    priority: u32,
}

/// The keys of a board in order.
#[derive(Clone, Debug)]
pub(super) struct Order {
    nodes: Vec<Node>,
    free: Vec<u32>,
    root: u32,
}

impl Default for Order {
    fn default() -> Self {
        Self { nodes: Vec::new(), free: Vec::new(), root: NONE }
    }
}

impl Order {
    /// How many keys there are.
    pub fn len(&self) -> u32 {
        self.size(self.root)
    }
    /// Adds a key that is not there yet.
    pub fn insert(&mut self, key: Key) {
        let node = Node { key, left: NONE, right: NONE, size: 1, priority: mix(key.number) };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.set(slot, node);
                slot
            }
            None => {
                self.nodes.push(node);
                u32::try_from(self.nodes.len() - 1).unwrap_or(NONE)
            }
        };
        self.root = self.place(self.root, slot);
    }
    /// Takes a key out; nothing happens if it is not there.
    pub fn remove(&mut self, key: Key) {
        let (root, freed) = self.take(self.root, key);
        self.root = root;
        self.free.extend(freed);
    }
    /// How many keys are smaller than this one.
    pub fn below(&self, key: Key) -> u32 {
        let (mut at, mut count) = (self.root, 0);
        while let Some(node) = self.node(at) {
            if node.key < key {
                count += 1 + self.size(node.left);
                at = node.right;
            } else {
                at = node.left;
            }
        }
        count
    }
    /// The key at a place, counted from 0.
    pub fn at(&self, mut place: u32) -> Option<Key> {
        let mut at = self.root;
        while let Some(node) = self.node(at) {
            let left = self.size(node.left);
            match place.cmp(&left) {
                std::cmp::Ordering::Less => at = node.left,
                std::cmp::Ordering::Equal => return Some(node.key),
                std::cmp::Ordering::Greater => {
                    place -= left + 1;
                    at = node.right;
                }
            }
        }
        None
    }
    /// The keys in order, from a place on.
    pub fn from(&self, place: u32) -> Walk<'_> {
        let mut walk = Walk { order: self, path: Vec::new() };
        let (mut at, mut place) = (self.root, place);
        while let Some(node) = self.node(at) {
            let left = self.size(node.left);
            if place <= left {
                walk.path.push(at);
                if place == left {
                    break;
                }
                at = node.left;
            } else {
                place -= left + 1;
                at = node.right;
            }
        }
        walk
    }

    fn node(&self, at: u32) -> Option<Node> {
        self.nodes.get(at as usize).copied()
    }
    fn size(&self, at: u32) -> u32 {
        self.nodes.get(at as usize).map_or(0, |node| node.size)
    }
    fn set(&mut self, at: u32, node: Node) {
        if let Some(slot) = self.nodes.get_mut(at as usize) {
            *slot = node;
        }
    }
    fn store(&mut self, at: u32, mut node: Node) -> u32 {
        node.size = 1 + self.size(node.left) + self.size(node.right);
        self.set(at, node);
        at
    }
    fn place(&mut self, at: u32, slot: u32) -> u32 {
        let (Some(mut here), Some(mut fresh)) = (self.node(at), self.node(slot)) else { return slot };
        if fresh.priority > here.priority {
            (fresh.left, fresh.right) = self.split(at, fresh.key);
            return self.store(slot, fresh);
        }
        if fresh.key < here.key {
            here.left = self.place(here.left, slot);
        } else {
            here.right = self.place(here.right, slot);
        }
        self.store(at, here)
    }
    fn split(&mut self, at: u32, key: Key) -> (u32, u32) {
        let Some(mut node) = self.node(at) else { return (NONE, NONE) };
        if node.key < key {
            let (left, right) = self.split(node.right, key);
            node.right = left;
            (self.store(at, node), right)
        } else {
            let (left, right) = self.split(node.left, key);
            node.left = right;
            (left, self.store(at, node))
        }
    }
    fn merge(&mut self, left: u32, right: u32) -> u32 {
        let (Some(mut first), Some(mut second)) = (self.node(left), self.node(right)) else {
            return if left == NONE { right } else { left };
        };
        if first.priority > second.priority {
            first.right = self.merge(first.right, right);
            self.store(left, first)
        } else {
            second.left = self.merge(left, second.left);
            self.store(right, second)
        }
    }
    fn take(&mut self, at: u32, key: Key) -> (u32, Option<u32>) {
        let Some(mut node) = self.node(at) else { return (NONE, None) };
        if node.key == key {
            return (self.merge(node.left, node.right), Some(at));
        }
        let freed = if key < node.key {
            let (left, freed) = self.take(node.left, key);
            node.left = left;
            freed
        } else {
            let (right, freed) = self.take(node.right, key);
            node.right = right;
            freed
        };
        (self.store(at, node), freed)
    }
}

/// A walk through an order.
pub(super) struct Walk<'a> {
    order: &'a Order,
    path: Vec<u32>,
}

impl Iterator for Walk<'_> {
    type Item = Key;
    fn next(&mut self) -> Option<Key> {
        let node = self.order.node(self.path.pop()?)?;
        let mut at = node.right;
        while let Some(next) = self.order.node(at) {
            self.path.push(at);
            at = next.left;
        }
        Some(node.key)
    }
}

/// A well-mixed number for a slot (the finaliser of MurmurHash3).
const fn mix(slot: u32) -> u32 {
    let mut x = slot.wrapping_add(0x9e37_79b9);
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}
