package carrierhttp

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when a goroutine of a client is left after all clients are closed.
func TestMain(m *testing.M) {
	code := m.Run()
	var left string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); runtime.Gosched() {
		if left = leaked(); left == "" {
			os.Exit(code)
		}
	}
	fmt.Println("goroutines are left:\n" + left)
	os.Exit(1)
}

func leaked() string {
	buf := make([]byte, 1<<20)
	for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "net/http.(*persistConn)") || strings.Contains(g, "carrierhttp") && !strings.Contains(g, "TestMain") {
			return g
		}
	}
	return ""
}
