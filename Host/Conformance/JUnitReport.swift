internal import Foundations
internal import PluginHost

extension ConformanceReport {
    /// The report as JUnit's XML, as CI systems read it: one suite a group, with times, which no hash covers.
    ///
    /// A check that failed is a failure, one that crashed an error, one that warns has its words in `system-out`.
    public func junit(target: String) -> String {
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        let name = "sluice conformance of \(plugin.id) \(plugin.version)"
        out += "<testsuites name=\"\(Self.escape(name))\" \(Self.counts(entries))>\n"
        for group in ConformanceCheck.Group.allCases {
            let entries = entries.filter { $0.check.group == group }
            guard !entries.isEmpty else { continue }
            out += "  <testsuite name=\"\(group.rawValue)\" \(Self.counts(entries))>\n"
            out += "    <properties>\n"
            for (key, value) in [
                ("suite_version", Self.suiteVersion), ("seed", String(seed)), ("report_sha256", hash.hex),
                ("artifact_sha256", artifact.hex),
            ] {
                out += "      <property name=\"\(key)\" value=\"\(Self.escape(value))\"/>\n"
            }
            out += "    </properties>\n"
            for entry in entries { out += testcase(entry, target: target) }
            out += "  </testsuite>\n"
        }
        return out + "</testsuites>\n"
    }

    private func testcase(_ entry: Entry, target: String) -> String {
        let head =
            "    <testcase classname=\"\(Self.escape(plugin.id)).\(entry.check.group.rawValue)\" "
            + "name=\"\(Self.escape(entry.check.id))\" time=\"\(Self.seconds(entry.seconds))\""
        let detail = entry.outcome.detail ?? ""
        let again = "\(entry.check.rule)\n\(detail)\nAgain: \(replay(entry.check, target: target))"
        func element(_ name: String, type: String) -> String {
            head
                + ">\n      <\(name) type=\"\(type)\" message=\"\(Self.escape(detail))\">\(Self.escape(again))</\(name)>\n"
                + "    </testcase>\n"
        }
        switch entry.outcome {
        case .passed: return head + "/>\n"
        case .failed: return element("failure", type: "Failed")
        case .crashed: return element("error", type: "Crashed")
        case .skipped: return head + ">\n      <skipped message=\"\(Self.escape(detail))\"/>\n    </testcase>\n"
        case .warning:
            return head + ">\n      <system-out>Warning: \(Self.escape(detail))</system-out>\n    </testcase>\n"
        }
    }

    private static func counts(_ entries: [Entry]) -> String {
        let of = { (status: Outcome.Status) in entries.count { $0.outcome.status == status } }
        let time = entries.reduce(0) { $0 + $1.seconds }
        return "tests=\"\(entries.count)\" failures=\"\(of(.failed))\" errors=\"\(of(.crashed))\" "
            + "skipped=\"\(of(.skipped))\" time=\"\(seconds(time))\""
    }

    /// With three digits behind the point, as XML Schema's decimal wants it.
    private static func seconds(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// Text for a place in XML 1.0, whose characters are not all there are: others are dropped.
    static func escape(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\n": out += "&#10;"
            case "\t": out += "&#9;"
            default:
                let isAllowed =
                    (0x20...0xD7FF).contains(scalar.value) && !(0x7F...0x9F).contains(scalar.value)
                    || (0xE000...0xFFFD).contains(scalar.value) || scalar.value >= 0x10000
                if isAllowed { out.unicodeScalars.append(scalar) }
            }
        }
        return out
    }
}
