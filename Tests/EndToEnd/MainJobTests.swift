import Foundations
import TestSupport
import Testing

/// The sample that ships, moved into its target as a user would do it.
@Suite("The main job", .enabled(if: Stage.isThere, Comment(rawValue: Stage.absence)))
struct MainJobTests {
    static let source = Stage.repository + "/samples/customers.csv"

    /// A target as samples/target.sql makes it.
    static func target(_ scene: Scene) throws {
        try scene.database(
            "t.db", String(decoding: try Files.read(Stage.repository + "/samples/target.sql"), as: UTF8.self))
    }

    static func migrate(_ scene: Scene, home: String? = nil, createdAt: String? = nil, _ more: String...) throws
        -> Finished
    {
        let created = createdAt.map { ["--created-at", $0] } ?? []
        let arguments =
            ["run", "--lhs", "csv:" + source, "--rhs", "sqlite:t.db#customers", "--yes", "--json"] + created + more
        return try scene.start(arguments, home: home).wait()
    }

    @Test("Every row is in the target or in quarantine, and says why")
    func everyRowIsSomewhere() throws {
        let scene = try Scene()
        try Self.target(scene)
        let run = try Self.migrate(scene)
        try #require(run.status == 0, "\(run.errText)")
        let summary = run.json
        let rowsIn = try #require(summary["rows_in"]?.intValue)
        let migrated = try #require(summary["rows_migrated"]?.intValue)
        let quarantined = try #require(summary["rows_quarantined"]?.intValue)
        #expect(summary["state"]?.stringValue == "done")
        #expect(rowsIn == 1006 && rowsIn == migrated + quarantined)
        #expect(quarantined > 0)
        let inTarget = try scene.count("t.db", "customers")
        #expect(inTarget == Int(migrated))

        // Trimmed, joined, cast, and in the forms of the target's types.
        let first = try scene.rows(
            "t.db",
            "SELECT full_name, email, date_of_birth, registered_at, balance, newsletter FROM customers WHERE customer_id = 1001"
        )
        #expect(
            first == [
                [
                    "Yuki Ivanova", "yuki.ivanova1001@mail.example.com", "1988-02-16", "2021-10-13 16:59:30", "948.41",
                    "0",
                ]
            ])
        let types = try scene.rows(
            "t.db",
            "SELECT DISTINCT typeof(customer_id), typeof(balance), typeof(newsletter) FROM customers WHERE balance IS NOT NULL AND newsletter IS NOT NULL"
        )
        #expect(types == [["integer", "real", "integer"]])
        let left = try scene.rows(
            "t.db", "SELECT count(*) FROM sqlite_schema WHERE name LIKE '\\_sluice\\_stage%' ESCAPE '\\'")
        #expect(left == [["0"]])

        let id = try #require(summary["run_id"]?.stringValue)
        let shown = try scene.sluice("show", id, "--json").json
        let reasons = shown["quarantine"]?["reasons"]?.objectValue ?? [:]
        #expect(Set(reasons.keys) == ["RAGGED_ROW", "NOT_DATE", "DUPLICATE_KEY"])
        let counted = reasons.values.reduce(Int64(0)) { $0 + ($1.intValue ?? 0) }
        #expect(counted == quarantined)
    }

    @Test("A ragged row is shown with its line and byte offset, and with no value")
    func quarantinePreviewsAreMasked() throws {
        let scene = try Scene()
        try Self.target(scene)
        let id = try #require(try Self.migrate(scene).json["run_id"]?.stringValue)
        let preview = try scene.sluice("show", id, "--json").json["quarantine"]?["preview"]?.arrayValue ?? []
        let ragged = try #require(preview.first { $0["reason_codes"]?.arrayValue == ["RAGGED_ROW"] })
        let place = try #require(ragged["masked_preview_before"])
        let line = try #require(place["sluice.line"]?.intValue)
        let offset = try #require(place["sluice.byte_offset"]?.intValue)
        // The place is that of the record in the file: line numbers count from 1, and the header is one.
        let bytes = try Files.read(Self.source)
        let before = bytes.prefix(Int(offset))
        let linesBefore = before.count { $0 == UInt8(ascii: "\n") }
        #expect(before.last == UInt8(ascii: "\n") && linesBefore == Int(line) - 1)
        let record = String(decoding: bytes[Int(offset)...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let cells = record.split(separator: ",", omittingEmptySubsequences: false).count
        #expect(cells != 13)
        // Letters are a or A, digits are 9.
        for row in preview {
            for side in ["masked_preview_before", "masked_preview_after"] {
                for (name, value) in row[side]?.objectValue ?? [:] where !name.hasPrefix("sluice.") {
                    let text = value.stringValue ?? ""
                    let isMasked = text.unicodeScalars.allSatisfy { scalar in
                        let isLetter = scalar.properties.isAlphabetic
                        let isDigit = scalar.properties.numericType != nil
                        return isLetter ? "aA".unicodeScalars.contains(scalar) : !isDigit || scalar == "9"
                    }
                    #expect(isMasked, "\(name)")
                }
            }
        }
    }

    /// Fields of a ledger event, ROADMAP §30.
    static let fields: Set<String> = [
        "event_id", "run_id", "timestamp_utc", "stage", "decision", "policy_version", "dsl_version",
        "threshold_profile_id",
        "inputs_hash", "outputs_hash", "provider", "model", "params_hash", "token_estimate", "token_actual",
        "usd_estimate",
        "usd_actual", "pii_mask_applied", "local_only_override", "retries", "fallback_chain", "human_confirmation",
        "error_code",
    ]

    @Test("Every ledger event has every field, in the order of the stages")
    func ledgerIsWhole() throws {
        let scene = try Scene()
        try Self.target(scene)
        let id = try #require(try Self.migrate(scene).json["run_id"]?.stringValue)
        let events = try scene.sluice("ledger", id, "--json").jsonLines
        #expect(events.count >= 7)
        for event in events {
            let keys = Set((event.objectValue ?? [:]).keys)
            #expect(Self.fields.subtracting(keys).isEmpty)
            let confirmation = Set((event["human_confirmation"]?.objectValue ?? [:]).keys)
            #expect(confirmation == ["required", "actor", "timestamp"])
            #expect(event["run_id"]?.stringValue == id)
        }
        let finished = events.filter { $0["note"]?["event"]?.stringValue == "stage_finished" }.map {
            $0["stage"]?.stringValue ?? ""
        }
        #expect(finished == ["INGEST", "DOMAINS", "MAPPING", "ANALYSIS", "MIGRATION"])
        let decided = events.filter { $0["note"]?["event"]?.stringValue == "human_decision" }
        let named = decided.allSatisfy { $0["human_confirmation"]?["actor"]?.stringValue?.isEmpty == false }
        #expect(decided.count == 2 && named)
    }

    @Test("An artifact's file hashes to its name, by another program too")
    func artifactsAreNamedByTheirHash() throws {
        let scene = try Scene()
        try Self.target(scene)
        let summary = try Self.migrate(scene).json
        let hashes = (summary["artifacts"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
        #expect(
            Set(hashes.keys) == [
                "catalog", "sample_pack", "domain_assignments", "mapping_plan", "analysis_report", "migration_run",
            ])
        for (kind, hash) in hashes {
            let file = scene.home + "/artifacts/\(hash.prefix(2))/\(hash).json"
            let sum = try scene.run("/usr/bin/sha256sum", [file]).outText
            #expect(sum.hasPrefix(hash + " "), "\(kind)")
            let shown = try scene.sluice("artifact", hash, "--json").json
            let canonical = shown["body"]?.canonicalHash.hex
            #expect(canonical == hash, "\(kind)")
            let runs = (shown["envelopes"]?.arrayValue ?? []).map { $0["run_id"] }
            #expect(runs == [summary["run_id"]], "\(kind)")
        }
    }

    @Test("The same input in another home, at another time, has the same artifacts")
    func artifactsAreReproducible() throws {
        let scene = try Scene()
        try Self.target(scene)
        let first = try Self.migrate(scene, createdAt: "2026-01-31T12:00:00Z").json
        let other = try Scene()
        try Self.target(other)
        let second = try Self.migrate(other, createdAt: "2027-02-01T00:00:00Z").json
        #expect(first["run_id"] != second["run_id"])
        #expect(first["artifacts"] == second["artifacts"])
        #expect(first["artifacts"]?.objectValue?.count == 6)
    }

    @Test("The same contract again is the same run, and migrates nothing twice")
    func sameContractIsSameRun() throws {
        let scene = try Scene()
        try Self.target(scene)
        let contract = Contracts.document(lhs: "csv:" + Self.source, rhs: "sqlite:\(scene.path("t.db"))#customers")
        try scene.write("contract.json", contract.canonicalText)
        let first = try scene.sluice("run", "contract.json", "--yes", "--json")
        let before = try scene.rows("t.db", "SELECT * FROM customers ORDER BY 1")
        let second = try scene.sluice("run", "contract.json", "--yes", "--json")
        #expect(first.status == 0 && second.status == 0, "\(first.errText)\(second.errText)")
        #expect(first.json["run_id"]?.stringValue?.count == 26)
        #expect(first.json == second.json)
        let after = try scene.rows("t.db", "SELECT * FROM customers ORDER BY 1")
        #expect(before.count == 992 && before == after)
        let runs = try scene.sluice("runs", "--json").json["runs"]?.arrayValue
        #expect(runs?.count == 1)
    }
}

/// Run Contracts as a person would write them.
enum Contracts {
    static func document(lhs: String, rhs: String, mode: String = "data_mode", _ more: [String: JSON] = [:]) -> JSON {
        func side(_ uri: String) -> JSON {
            ["source": ["type": uri.hasPrefix("csv:") ? "file" : "sql"], "location": .string(uri), "schema_ref": nil]
        }
        let members: [String: JSON] = [
            "roadmap_version": "1.1.0", "mode": .string(mode), "lhs": side(lhs), "rhs": side(rhs),
            "pii_policy": ["mask_before_send": true, "local_only_override": false],
            "budget_caps": ["tokens": 400_000, "usd": 0, "wall_time_s": 3600], "routing_profile": "quality_first",
            "threshold_profile_id": "tp_default_v1", "dsl_version": "1.0.0",
            "sample_caps": ["rows_max": 1000, "bytes_max": 1_048_576],
            "cache_scope": ["run": "", "tab": "", "filters": [:]], "human_confirm_required": true,
            "rbac_actor": ["user_id": "somebody", "role": "Maintainer"], "created_at": "2026-01-31T12:00:00Z",
        ]
        return .object(members.merging(more) { $1 })
    }
}
