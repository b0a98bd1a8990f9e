package acorn_test

import (
	"testing"

	"github.com/numberdesk/numberdesk/provider/providertest"

	"example.com/acorn/acorntest"
)

// The whole test of an adapter: an account at a carrier that can go wrong, and the
// kit.
func TestContract(t *testing.T) {
	providertest.Run(t, providertest.Harness{New: acorntest.Account})
}
