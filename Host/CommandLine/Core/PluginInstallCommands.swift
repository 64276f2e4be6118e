internal import Foundations
internal import Supervisor

/// `sluice plugin install`, `verify`, `enable`, `disable`, `remove`, `keys`, `trust` and `revoke`.
extension Session {
    func installPlugin(_ service: any Service) throws(SluiceError) -> Int32 {
        var order = PluginOrder(name: invocation.operand(0) ?? "")
        order.yes = invocation.has("yes")
        order.key = invocation.text("key")
        order.allowDowngrade = invocation.has("allow-downgrade")
        let answer = try service.installPlugin(order, ask: ask)
        emit(answer, people: reports.installation(answer, word: order.name))
        let status = answer["status"]?.stringValue
        return status == "held" || status == "declined" ? ExitStatus.held : ExitStatus.done
    }

    /// Shows what a plugin asks for, and takes `y` for a yes. With `--json`, or without a terminal, nobody is asked.
    private func ask(_ plan: JSON) -> Bool? {
        guard let readLine = console.readLine, !invocation.json else { return nil }
        for line in Reports(style: console.errorStyle, home: invocation.home).request(plan) { console.note(line) }
        console.rewrite("Grant this and go on? [y/N] ")
        let answer = (readLine() ?? "").lowercased()
        return answer == "y" || answer == "yes"
    }

    func verifyPlugins(_ service: any Service) throws(SluiceError) -> Int32 {
        let answer = try service.verifyPlugins(invocation.operand(0))
        emit(answer, people: reports.verification(answer))
        return answer["differ"] == 0 ? ExitStatus.done : ExitStatus.policyBlock
    }

    func changePlugins(_ service: any Service) throws(SluiceError) {
        let word = invocation.operand(0) ?? ""
        switch invocation.verb {
        case .pluginEnable, .pluginDisable:
            let answer = try service.setPlugin(word, enabled: invocation.verb == .pluginEnable)
            emit(answer, people: reports.change(answer))
        case .pluginRemove:
            let answer = try service.removePlugin(word)
            emit(answer, people: reports.change(answer))
        case .pluginKeys:
            let keys = try service.pluginKeys()
            emit(keys, people: reports.keys(keys))
        case .pluginTrust:
            guard let publisher = invocation.text("publisher") else { throw usage("--publisher is missing.") }
            let answer = try service.trustKey(word, publisher: publisher)
            emit(answer, people: reports.keyChange(answer))
        case .pluginRevoke:
            guard let reason = invocation.text("reason") else { throw usage("--reason is missing.") }
            let answer = try service.revokeKey(word, reason: reason)
            emit(answer, people: reports.keyChange(answer))
        default: break
        }
    }

    /// `sluice plugin keygen`, `sign` and `pack`; nil for other commands. They need no home.
    func authorPlugin() throws(SluiceError) -> Int32? {
        let word = invocation.operand(0) ?? ""
        switch invocation.verb {
        case .pluginKeygen:
            guard let file = invocation.text("out") else { throw usage("--out is missing.") }
            let answer = try PluginAuthoring.makeKey(at: file, context: context)
            emit(answer, people: reports.madeKey(answer))
        case .pluginSign:
            guard let file = invocation.text("key") else { throw usage("--key is missing.") }
            let answer = try PluginAuthoring.sign(word, key: file)
            emit(answer, people: reports.signature(answer))
        case .pluginPack:
            guard let folder = invocation.text("out") else { throw usage("--out is missing.") }
            let answer = try PluginAuthoring.pack(
                word, libraries: invocation.text("libraries"), into: folder, context: context)
            emit(answer, people: reports.package(answer))
        default: return nil
        }
        return ExitStatus.done
    }
}

extension Reports {
    /// What a plugin asks for, before somebody grants it.
    func request(_ plan: JSON) -> [Text] {
        var lines: [Text] = [
            "\(text(plan["plugin"]).painted(.strong, style)) \(text(plan["version"])) of \(text(plan["publisher"])), "
                + "signed by \(text(plan["key"]))",
            text(plan["summary"]),
        ]
        let beyond = plan["beyond"]?.arrayValue ?? []
        if plan["replaces"] == nil {
            lines += (plan["words"]?.arrayValue ?? []).map { "  \(text($0))" }
        } else {
            lines.append("Over version \(text(plan["replaces"])) it asks for more:")
            lines += beyond.map { "  \(text($0["words"]))" }
        }
        return lines
    }

    func installation(_ json: JSON, word: String) -> [Text] {
        let plugin = text(json["plugin"])
        let version = text(json["version"])
        switch json["status"]?.stringValue {
        case "shipped": return ["The plugin \(plugin) ships with Sluice and is used as it is; nothing was installed."]
        case "held":
            return request(json) + [
                "Nothing was installed: nobody has granted this.",
                "Next: sluice plugin install \(Self.quoted(word)) --yes\(homeOption)",
            ]
        case "declined": return ["Nothing was installed."]
        case "unchanged": return ["The plugin \(plugin) \(version) is installed as it is; nothing was changed."]
        case "upgraded", "downgraded":
            return ["The plugin \(plugin) went from \(text(json["replaces"])) to \(version), and is enabled."]
        case "reinstalled": return ["The plugin \(plugin) \(version) was installed again, and is enabled."]
        default: return ["The plugin \(plugin) \(version) is installed and enabled."]
        }
    }

    func verification(_ json: JSON) -> [Text] {
        var table = Table(["ID", "VERSION", "ORIGIN", "STATUS", "WHAT"])
        for plugin in json["plugins"]?.arrayValue ?? [] {
            table.add([
                text(plugin["id"]), text(plugin["version"]), text(plugin["origin"]),
                painted(plugin["status"]?.stringValue ?? "-"),
            ])
            for difference in plugin["differences"]?.arrayValue ?? [] {
                table.add([
                    "", "", "", "",
                    "\(text(difference["what"])): \(text(difference["error"]?["detail_id"])): "
                        + "\(text(difference["error"]?["message"]))",
                ])
            }
        }
        let notes = (json["notes"]?.arrayValue ?? []).map { "Note: \(text($0))." as Text }
        return table.lines(style) + notes
    }

    func change(_ json: JSON) -> [Text] {
        let status = json["status"]?.stringValue ?? ""
        if status == "unchanged" { return ["The plugin \(text(json["plugin"])) is so already; nothing was changed."] }
        return ["The plugin \(text(json["plugin"])) is \(Text(status)) now."]
    }

    func keys(_ json: JSON) -> [Text] {
        let keys = json["keys"]?.arrayValue ?? []
        if keys.isEmpty {
            return ["No key is trusted: no plugin can be installed.", "Next: sluice plugin trust KEY --publisher NAME"]
        }
        var table = Table(["KEY", "PUBLISHER", "STATUS", "SINCE", "ORIGIN", "REASON"])
        for key in keys {
            table.add([
                text(key["key"]), text(key["publisher"]), painted(key["status"]?.stringValue ?? "-"),
                text(key["since"]), text(key["origin"]), key["reason"].map { text($0) } ?? "",
            ])
        }
        return table.lines(style)
    }

    func keyChange(_ json: JSON) -> [Text] {
        keyStanding(json) + (json["warning"] == nil ? [] : [text(json["warning"])])
    }

    private func keyStanding(_ json: JSON) -> [Text] {
        let key = text(json["key"])
        switch json["status"]?.stringValue {
        case "trusted": return ["The key \(key) counts for the publisher \(text(json["publisher"])) now."]
        case "revoked":
            let plugins = json["plugins"]?.arrayValue ?? []
            if plugins.isEmpty { return ["The key \(key) is revoked."] }
            return [
                "The key \(key) is revoked. Refused from now on: \(Text.joined(plugins.map { text($0) }))."
            ]
        default: return ["The key \(key) is so already; nothing was changed."]
        }
    }

    func madeKey(_ json: JSON) -> [Text] {
        [
            "Public key   \(text(json["key"])), in \(text(json["public"]))",
            "Fingerprint  \(text(json["fingerprint"]))",
            "Private key  \(text(json["private"])): keep it to yourself, and keep a copy of it",
        ]
    }

    func signature(_ json: JSON) -> [Text] {
        [
            "Signed \(text(json["plugin"])) \(text(json["version"])) with the key \(text(json["key"])): "
                + "\(text(json["signature"]))"
        ]
    }

    func package(_ json: JSON) -> [Text] {
        let files = json["files"]?.arrayValue ?? []
        return [
            "Packed \(text(json["plugin"])) \(text(json["version"])), \(files.count) files: \(text(json["manifest"]))",
            "Next: sluice plugin sign \(Text(Self.quoted(json["manifest"]?.stringValue ?? ""))) --key FILE",
        ]
    }
}
