// Package kit is what the kits that prove a contract share: the testing.TB of one
// case, which notes instead of failing, and how what came out is told.
package kit
