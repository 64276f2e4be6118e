internal import Foundations
internal import Supervisor

/// `sluice ledger`: print, verify, export; verify an export.
extension Session {
    /// The ways to ask, each by its option; without one the events are printed.
    private static let ways = ["verify-file", "public-key"]

    func ledger() throws(SluiceError) -> Int32 {
        let given = Option.ledger.map(\.name).filter { invocation.has($0) }
        if invocation.has("key"), !invocation.has("verify-file") {
            throw usage("--key belongs to --verify-file.")
        }
        for way in Self.ways where invocation.has(way) {
            let beside = given.first { $0 != way && !(way == "verify-file" && $0 == "key") }
            if let beside { throw usage("--\(way) and --\(beside) cannot stand together.") }
            if invocation.operand(0) != nil { throw usage("--\(way) takes no RUN.") }
        }
        if let file = invocation.text("verify-file") {
            let verdict = try LedgerFile.verify(file, key: invocation.text("key"))
            emit(verdict, people: reports.ledgerFile(verdict))
            return ExitStatus.done
        }
        guard invocation.has("public-key") || invocation.operand(0) != nil else { throw usage("RUN is missing.") }
        let service = try open(invocation.home, context)
        if invocation.has("public-key") {
            let key = try service.ledgerPublicKey()
            emit(key, people: reports.ledgerKey(key))
        } else if let file = invocation.text("export") {
            let verdict = try service.exportLedger(try named(service), to: file)
            emit(verdict, people: reports.ledgerVerdict(verdict))
        } else if invocation.has("verify") {
            let verdict = try service.verifyLedger(try named(service))
            emit(verdict, people: reports.ledgerVerdict(verdict))
        } else {
            let events = try service.ledger(try named(service))
            if invocation.json { console.print(lines: events) } else { console.print(reports.ledger(events)) }
        }
        return ExitStatus.done
    }
}

extension Option {
    static let ledger: [Option] = [
        .flag("verify", "recompute the chain, check its head and seals; changes nothing"),
        .value("export", "FILE", .file, "verify it and write it to FILE, signed with this home's key"),
        .flag("public-key", "print the key with which this home signs exports"),
        .value("verify-file", "FILE", .file, "verify an export; needs no home"),
        .value("key", "PUBLICKEY", .text, "with --verify-file: the key that must have signed it"),
    ]
}

extension Reports {
    func ledgerVerdict(_ json: JSON) -> [Text] {
        var lines = [verified(json)]
        let segments = json["segments"]?.arrayValue ?? []
        if !segments.isEmpty {
            var table = Table(["SEGMENT", "FIRST", "LAST", "HEAD", "EVENTS"], right: [0, 1, 2])
            for segment in segments {
                let dropped = segment["dropped_by"].flatMap(\.intValue).map { "dropped, see event \($0)" as Text }
                table.add([
                    count(segment["segment"]), count(segment["first"]), count(segment["last"]),
                    text(segment["head_hash"]), dropped ?? "kept",
                ])
            }
            lines += [""] + table.lines(style)
        }
        if let export = json["export"] {
            lines += ["", "Written to \(text(export["file"])), signed by \(text(export["public_key"]))."]
            lines.append("Verify it anywhere: sluice ledger --verify-file FILE --key PUBLICKEY")
        }
        return lines
    }

    func ledgerFile(_ json: JSON) -> [Text] {
        let signer: Text = "Signed by \(text(json["public_key"])), fingerprint \(text(json["fingerprint"]))"
        if json["key_given"]?.boolValue ?? false { return [verified(json), "\(signer): the key that you gave."] }
        return [
            verified(json), "\(signer).",
            "No --key was given: compare this one with what the home prints by `sluice ledger --public-key`.",
        ]
    }

    func ledgerKey(_ json: JSON) -> [Text] {
        ["\(text(json["public_key"]))", "Fingerprint \(text(json["fingerprint"]))"]
    }

    private func verified(_ json: JSON) -> Text {
        let events = json["events"]?.intValue ?? 0
        let dropped = json["events_dropped"]?.intValue ?? 0
        let gone: Text = dropped == 0 ? "" : ", of which \(dropped) dropped by retention and proven by their seals"
        var mark: Text = ""
        // An export has no mark.
        if let marked = json["marked"] {
            mark = " Mark outside the database: \(marked.intValue.map { "\($0) of \(events)" as Text } ?? "none")."
        }
        return """
            Run \(text(json["run_id"])): \(Text("verified").painted(.good, style)). \
            \(events) \(Self.plural("event", events))\(gone); head \(text(json["head_hash"])).\(mark)
            """
    }
}
