//! Natural numbers of any size: as much of them as the exact path needs.
//!
//! Schoolbook arithmetic on 64-bit limbs, least significant first, no leading zeros. Six limbs stay
//! on the stack: enough for a product of two of the first precision's fractions.

use std::cmp::Ordering;

use smallvec::{SmallVec, smallvec};

/// A natural number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Natural(SmallVec<[u64; 6]>);

impl Natural {
    pub(super) fn zero() -> Natural {
        Natural(SmallVec::new())
    }

    /// 2^`bits`.
    pub(super) fn power_of_two(bits: usize) -> Natural {
        let mut limbs: SmallVec<[u64; 6]> = smallvec![0; bits / 64];
        limbs.push(1 << (bits % 64));
        Natural(limbs)
    }

    /// The number with these limbs, least significant first.
    pub(super) fn from_limbs(limbs: &[u64]) -> Natural {
        Natural(SmallVec::from_slice(limbs)).normal()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The number when it fits 128 bits, else the largest that does.
    pub(super) fn saturated(&self) -> u128 {
        match self.0[..] {
            [] => 0,
            [low] => u128::from(low),
            [low, high] => u128::from(low) | u128::from(high) << 64,
            _ => u128::MAX,
        }
    }

    pub(super) fn add(&mut self, other: &Natural) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut carry = false;
        for (index, limb) in self.0.iter_mut().enumerate() {
            let addend = other.0.get(index).copied().unwrap_or(0);
            (*limb, carry) = limb.carrying_add(addend, carry);
        }
        if carry {
            self.0.push(1);
        }
    }

    /// `self` − `other`, which must not be larger.
    pub(super) fn sub(&mut self, other: &Natural) {
        debug_assert!(*self >= *other);
        let mut borrow = false;
        for (index, limb) in self.0.iter_mut().enumerate() {
            let subtrahend = other.0.get(index).copied().unwrap_or(0);
            (*limb, borrow) = limb.borrowing_sub(subtrahend, borrow);
        }
        self.trim();
    }

    pub(super) fn times(&self, other: &Natural) -> Natural {
        let mut product: SmallVec<[u64; 6]> = smallvec![0; self.0.len() + other.0.len()];
        for (shift, &a) in self.0.iter().enumerate() {
            let mut carry = 0;
            for (limb, &b) in product[shift..].iter_mut().zip(&other.0) {
                (*limb, carry) = a.carrying_mul_add(b, *limb, carry);
            }
            product[shift + other.0.len()] = carry;
        }
        Natural(product).normal()
    }

    /// ⌊self / divisor⌋ for a divisor other than 0.
    pub(super) fn div(mut self, divisor: u64) -> Natural {
        let divisor = u128::from(divisor);
        let mut rest = 0;
        for limb in self.0.iter_mut().rev() {
            let dividend = rest << 64 | u128::from(*limb);
            // The quotient fits: `rest` is below the divisor.
            *limb = (dividend / divisor) as u64;
            rest = dividend % divisor;
        }
        self.normal()
    }

    /// self · 2^bits.
    pub(super) fn shl(&self, bits: usize) -> Natural {
        let mut limbs: SmallVec<[u64; 6]> = smallvec![0; bits / 64];
        limbs.extend_from_slice(&self.0);
        let part = bits % 64;
        if part > 0 {
            let mut carry = 0;
            for limb in &mut limbs[bits / 64..] {
                (*limb, carry) = (*limb << part | carry, *limb >> (64 - part));
            }
            limbs.push(carry);
        }
        Natural(limbs).normal()
    }

    /// ⌊self / 2^bits⌋.
    pub(super) fn shr(mut self, bits: usize) -> Natural {
        self.0.drain(..(bits / 64).min(self.0.len()));
        let part = bits % 64;
        if part > 0 {
            let mut carry = 0;
            for limb in self.0.iter_mut().rev() {
                (*limb, carry) = (*limb >> part | carry, *limb << (64 - part));
            }
        }
        self.normal()
    }

    fn normal(mut self) -> Natural {
        self.trim();
        self
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Natural) -> Ordering {
        let by_size = self.0.len().cmp(&other.0.len());
        by_size.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Natural) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<u64> for Natural {
    fn from(value: u64) -> Natural {
        Natural::from_limbs(&[value])
    }
}

impl From<u128> for Natural {
    fn from(value: u128) -> Natural {
        Natural::from_limbs(&[value as u64, (value >> 64) as u64])
    }
}

#[cfg(test)]
mod tests;
