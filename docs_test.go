package numberdesk_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider/providertest"
)

// The guide for authors of adapters names every group of cases, and no case that
// there is not.
func TestTheGuideNamesTheCases(t *testing.T) {
	b, err := os.ReadFile("docs/adapters.md")
	require.NoError(t, err)
	groups, ids := map[string]bool{}, map[string]bool{}
	for _, c := range providertest.Cases() {
		group, _, _ := strings.Cut(c.ID, "/")
		groups[group], ids[c.ID] = true, true
		require.Contains(t, string(b), "`"+group+"/…`", "no step names the cases of %s", group)
	}
	for _, m := range regexp.MustCompile("`([a-z0-9-]+)/…`").FindAllStringSubmatch(string(b), -1) {
		require.True(t, groups[m[1]], "there are no cases %s", m[0])
	}
	for _, m := range regexp.MustCompile(`ID: "([a-z0-9/-]+)"`).FindAllStringSubmatch(string(b), -1) {
		require.True(t, ids[m[1]], "there is no case %s", m[1])
	}
}
