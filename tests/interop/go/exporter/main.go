// Writes with the OpenTelemetry Collector's own exporter for ClickHouse, which makes its schema first.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/clickhouseexporter"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

const count = 500

func main() {
	factory := clickhouseexporter.NewFactory()
	config := factory.CreateDefaultConfig().(*clickhouseexporter.Config)
	config.Endpoint = "http://" + os.Getenv("ADDRESS")
	config.Username = "any"
	config.Password = "owner"
	config.Database = os.Getenv("DATABASE")
	config.Compress = os.Getenv("COMPRESSION")
	config.AsyncInsert = false
	config.QueueSettings.Get().WaitForResult = true // so that a refusal is seen here
	settings := exportertest.NewNopSettings(factory.Type())
	host, ctx := componenttest.NewNopHost(), context.Background()

	traces, err := factory.CreateTraces(ctx, settings, config)
	expect(err)
	expect(traces.Start(ctx, host))
	expect(traces.ConsumeTraces(ctx, spans()))
	expect(traces.Shutdown(ctx))

	logs, err := factory.CreateLogs(ctx, settings, config)
	expect(err)
	expect(logs.Start(ctx, host))
	expect(logs.ConsumeLogs(ctx, records()))
	expect(logs.Shutdown(ctx))

	metrics, err := factory.CreateMetrics(ctx, settings, config)
	expect(err)
	expect(metrics.Start(ctx, host))
	expect(metrics.ConsumeMetrics(ctx, points()))
	expect(metrics.Shutdown(ctx))
	fmt.Printf("{\"sent\": %d}\n", count)
}

func spans() ptrace.Traces {
	traces := ptrace.NewTraces()
	resource := traces.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", "from-the-exporter")
	scope := resource.ScopeSpans().AppendEmpty()
	for number := range count {
		span := scope.Spans().AppendEmpty()
		span.SetTraceID([16]byte{1, byte(number >> 8), byte(number)})
		span.SetSpanID([8]byte{2, byte(number >> 8), byte(number)})
		span.SetName("op")
		span.SetStartTimestamp(moment(number))
		span.SetEndTimestamp(moment(number + 1))
		span.Attributes().PutInt("number", int64(number))
		event := span.Events().AppendEmpty()
		event.SetName("event")
		event.SetTimestamp(moment(number))
	}
	return traces
}

func records() plog.Logs {
	logs := plog.NewLogs()
	scope := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty()
	for number := range count {
		record := scope.LogRecords().AppendEmpty()
		record.SetTimestamp(moment(number))
		record.Body().SetStr(fmt.Sprint("line ", number))
		record.Attributes().PutStr("key", "value")
	}
	return logs
}

func points() pmetric.Metrics {
	metrics := pmetric.NewMetrics()
	scope := metrics.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty()
	gauge := scope.Metrics().AppendEmpty()
	gauge.SetName("gauge")
	histogram := scope.Metrics().AppendEmpty()
	histogram.SetName("histogram")
	points, buckets := gauge.SetEmptyGauge().DataPoints(), histogram.SetEmptyHistogram().DataPoints()
	for number := range count {
		point := points.AppendEmpty()
		point.SetTimestamp(moment(number))
		point.SetDoubleValue(float64(number))
		bucket := buckets.AppendEmpty()
		bucket.SetTimestamp(moment(number))
		bucket.BucketCounts().FromRaw([]uint64{1, 2})
		bucket.ExplicitBounds().FromRaw([]float64{0.5})
	}
	return metrics
}

func moment(second int) pcommon.Timestamp {
	return pcommon.NewTimestampFromTime(time.Date(2026, 1, 2, 3, 4, second, 0, time.UTC))
}

func expect(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
