package numberdesk

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/numberdesk/numberdesk"

// mayImport is every edge between the packages of this module. Imports only
// point down: a package stands below every package that may import it.
var mayImport = map[string]string{
	"nanp":                                "",
	"money":                               "",
	"secret":                              "",
	"nanp/lenient":                        "nanp",
	"vanity":                              "nanp",
	"postal":                              "",
	"provider":                            "nanp money secret vanity postal",
	"store":                               "",
	"store/work":                          "nanp provider store",
	"store/journal":                       "provider store",
	"store/storetest":                     "store internal/memstore internal/kit",
	"internal/memstore":                   "store",
	"store/bolt":                          "store",
	"provider/carrierhttp":                "nanp provider secret",
	"provider/providertest":               "internal/kit nanp postal provider secret vanity",
	"internal/kit":                        "",
	"provider/sandbox":                    "nanp money postal secret vanity provider provider/sandbox/internal/names provider/sandbox/internal/porting provider/sandbox/internal/registrar",
	"provider/sandbox/internal/names":     "nanp provider",
	"provider/sandbox/internal/porting":   "nanp provider",
	"provider/sandbox/internal/registrar": "nanp postal provider",
	"provider/sandbox/sandboxtest":        "nanp postal provider provider/providertest provider/sandbox secret vanity",
	"provider/telnyx":                     "nanp money postal secret vanity provider provider/carrierhttp",
	"provider/telnyx/telnyxtest":          "nanp money postal secret vanity provider provider/sandbox",
	"provider/bandwidth":                  "nanp postal secret vanity provider provider/carrierhttp",
	"provider/bandwidth/bandwidthtest":    "nanp postal secret vanity provider provider/sandbox",
	"provider/twilio":                     "nanp money postal secret vanity provider provider/carrierhttp",
	"provider/twilio/twiliotest":          "nanp postal secret vanity provider provider/sandbox",
	"market":                              "nanp money vanity provider",
	"did":                                 "market nanp money provider store store/work store/journal",
	"":                                    "did market provider provider/sandbox store store/bolt store/journal store/work",
	"internal/matrix":                     "provider provider/bandwidth provider/sandbox provider/telnyx provider/twilio secret vanity",
	"examples/internal/shop":              " did market provider store/bolt store/journal vanity",
	"examples/telnyx":                     "examples/internal/shop provider provider/telnyx secret",
	"examples/bandwidth":                  "examples/internal/shop provider provider/bandwidth secret",
	"examples/twilio":                     "examples/internal/shop provider provider/twilio secret",
	"examples/vanity":                     "did market provider store/journal vanity",
	"examples/quickstart":                 "did market provider store/journal",
}

// standardOnly are the packages that link nothing but the standard library and
// this module.
var standardOnly = []string{"nanp", "money", "secret", "vanity", "postal", "provider", "provider/providertest", "internal/kit", "store", "store/work", "store/journal", "store/storetest"}

func TestImportsOnlyPointDown(t *testing.T) {
	seen := map[string]bool{}
	for _, line := range goList(t, "{{.ImportPath}} {{join .Imports \" \"}}", "./...") {
		fields := strings.Fields(line)
		from := local(fields[0])
		if strings.Contains(from, "internal/gen") {
			continue // generators run once, nobody links them
		}
		allowed, known := mayImport[from]
		require.True(t, known, "package %q has no rule: say in mayImport where it stands", from)
		seen[from] = true
		for _, path := range fields[1:] {
			if path != module && !strings.HasPrefix(path, module+"/") {
				continue
			}
			to := local(path)
			ok := to == "" && from != "" && strings.HasPrefix(from, "examples/") || to != "" && strings.Contains(" "+allowed+" ", " "+to+" ")
			require.True(t, ok, "%q must not import %q", from, to)
			seen[from+" "+to] = true
		}
	}
	for from, allowed := range mayImport {
		require.True(t, seen[from], "the rule for %q matches no package", from)
		for _, to := range strings.Fields(allowed) {
			require.True(t, seen[from+" "+to], "%q may import %q but does not: drop the rule", from, to)
		}
	}
}

func TestContractsLinkTheStandardLibraryOnly(t *testing.T) {
	for _, p := range standardOnly {
		for _, dep := range goList(t, "{{if not .Standard}}{{.ImportPath}}{{end}}", "-deps", "./"+p) {
			require.True(t, dep == "" || strings.HasPrefix(dep, module), "%s links %s", p, dep)
		}
	}
}

func local(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func goList(t *testing.T, format string, args ...string) []string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("go", append([]string{"list", "-f", format}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
