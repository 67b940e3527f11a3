// Reads a dashboard with the types that Grafana's makers generate from their schemas, strictly: a key that there is not, one
// that lacks, a value of another kind. Argument: the file. Says what is wrong, a line each; without a mistake how many panels.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

func main() {
	log.SetFlags(0)
	// Of a panel or a query that is not named here only the frame is read, so there may be none.
	runtime := cog.NewRuntime()
	runtime.RegisterPanelcfgVariant(stat.VariantConfig())
	runtime.RegisterPanelcfgVariant(statetimeline.VariantConfig())
	runtime.RegisterPanelcfgVariant(timeseries.VariantConfig())
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())
	known := map[string]bool{"stat": true, "state-timeline": true, "timeseries": true}

	bytes, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	// It returns an empty list of mistakes as an error too, and then has read nothing.
	if err := (&dashboard.Dashboard{}).UnmarshalJSONStrict(bytes); err != nil && err.Error() != "" {
		log.Fatal(err)
	}
	read := dashboard.Dashboard{}
	if err := json.Unmarshal(bytes, &read); err != nil {
		log.Fatal(err)
	}
	if err := read.Validate(); err != nil {
		log.Fatal(err)
	}
	for _, one := range read.Panels {
		if one.Panel == nil || !known[one.Panel.Type] {
			log.Fatal("a panel of a kind that this program does not know")
		}
	}
	fmt.Println(len(read.Panels), "panels")
}
