/// The words that name what has no form of its own, in the languages that forms are printed in.
///
/// Small letters; a word may stand in several lists.
enum NamingWords {
    static let all: [(Naming, String)] = [
        (
            .birth,
            """
            birth born dob birthday birthdate bday birthdt dateofbirth geboren geburtsdatum geburtstag geburt geb gebdat \
            geboorte geboortedatum geboortedag né née naissance nacido nacida nacimiento nascido nascida nascimento nato \
            nata nascita nacque født fødselsdato fødselsdag född födelsedatum fødd syntynyt syntymäaika syntymäpäivä \
            sündinud sünniaeg dzimis dzimšanas gimęs gimimo urodzony urodzona urodzenia narozen narozena narození \
            narodený narodená narodenia született születési születés născut născută nașterii naştere rođen rođena rođenja \
            rojen rojena rojstva doğum doğumlu γέννησης γεννήθηκε рождения родился родилась рожд нар народження народився \
            народилася роден родена раждане рођен рођена рођења 生年月日 誕生日 出生日期 出生年月日 出生 生日 생년월일 출생일 생일 \
            lahir kelahiran kapanganakan วันเกิด জন্ম जन्म जन्मतिथि الميلاد ميلاد تولد לידה
            """
        ),
        (
            .password,
            """
            password passwort passwd pwd pass passphrase passcode passwrd pswd kennwort contraseña contrasena clave senha \
            wachtwoord lösenord adgangskode passord salasana parool hasło haslo heslo jelszó parola parolă şifre sifre \
            пароль κωδικός 密码 密碼 パスワード 비밀번호 סיסמה passe kodeord
            """
        ),
        (.key, "key keys apikey clé schlüssel llave chiave"),
        ([.key, .keyKind], "apikey accesskey secretkey privatekey accountkey sharedaccesskey authkey signingkey"),
        (
            .secret,
            "token tokens secret secrets bearer authorization apikey apitoken authtoken accesstoken clientsecret pat"
        ),
        (
            .keyKind,
            "api access secret private account shared encryption encrypt master signing sign auth client subscription service"
        ),
        (.latitude, "lat latitude breite breitengrad latitud latitudine широта 纬度 緯度"),
        (.longitude, "lon lng long longitude länge längengrad longitud longitudine долгота 经度 経度"),
        (
            .position,
            """
            gps coordinates coordinate coords coord geo geolocation koordinaten coordonnées coordenadas \
            coordinate coördinaten współrzędne координаты 坐标 座標 geopoint
            """
        ),
        (
            .passport,
            """
            passport passports passeport reisepass reisepassnummer passnummer pasaporte passaporto passaporte paspoort pasaport \
            paszport paszportu útlevél pașaport passi putovnica паспорт паспорта 护照 護照 旅券 パスポート 여권 \
            passportno passportnumber passportnum הדרכון דרכון جواز
            """
        ),
        (
            .licence,
            "license licence licenses licences lic licencia licença licenza permis permiso patente carnet carta prawo permit удостоверение"
        ),
        (
            .driver,
            """
            driver drivers driving drive dmv dvla conduire conducir conducción condução guida jazdy conductor chauffeur \
            водительское kierowcy condutor
            """
        ),
        (.abbreviatedLicence, "dl"),
        (
            [.driver, .licence],
            """
            dln dlnumber dlno driverslicense driverlicense driverslicence drivinglicence führerschein führerscheinnummer \
            fuehrerschein fahrerlaubnis rijbewijs rijbewijsnummer ajokortti körkort førerkort kørekort cnh jogosítvány \
            驾驶证 運転免許証 免許証 운전면허 ehliyet
            """
        ),
        (
            .account,
            """
            account accounts acct acc accountnumber accountno acctno konto kontonummer kontonr ktonr kto compte cuenta conta \
            conto rekening rekeningnummer tilinumero číslo účtu rachunek rachunku számlaszám счет счёт счета счёта \
            λογαριασμός 口座番号 账号 帐号 账户 계좌번호 계좌 hesap gironummer bankrekening bankkonto
            """
        ),
        (.bank, "bank banque banco banca banka bankverbindung pank 銀行 银行 은행"),
        (.routing, "routing aba rtn abartn routingnumber"),
        (.sort, "sort"), ([.sort, .number], "sortcode"), (.bsb, "bsb"), (.ifsc, "ifsc ifsccode"),
        (.transit, "transit institution"),
        (.blz, "blz bankleitzahl"), (.clabe, "clabe"),
        (.swift, "swift bic swiftcode biccode swiftbic"),
        (
            .crypto,
            """
            bitcoin btc ethereum eth ether wallet wallets litecoin ltc dogecoin doge tron trx xrp ripple monero xmr solana sol \
            usdt usdc erc crypto cryptocurrency portefeuille кошелек кошелёк 钱包 blockchain
            """
        ),
        (.medicalRecord, "mrn mrno medrec medicalrecord medicalrecordnumber patientid patientno patientennummer"),
        (
            .medical,
            "medical patient patients hospital clinic clinical health dossier médical paciente historia clínica paziente"
        ),
        (.record, "record records rec chart akte"),
        (.npi, "npi"), (.dea, "dea"), (.beneficiary, "mbi medicare beneficiary"),
        (
            .insurance,
            """
            insurance insured policy policyholder subscriber member membership beneficiary insurer versicherung \
            versicherungsnummer versichertennummer krankenversicherung assurance assuré mutuelle póliza poliza polizza \
            seguro apólice verzekering polisnummer polis försäkring ubezpieczenie ubezpieczenia полис страховой mutuelle
            """
        ),
        (
            .employee,
            """
            employee employees emp staff personnel mitarbeiter employé empleado funcionário badge payroll
            """
        ),
        (
            .national,
            """
            nid nationalid national citizen citizenship identity identification ausweis ausweisnummer personalausweis \
            personalausweisnummer cédula cedula identité identidad identidade identità carnet identiteitskaart idcard \
            身份证 身份证号 マイナンバー 주민등록 nationalidnumber dowód dowodu
            """
        ),
        (
            [.employee, .number],
            """
            empid empno employeeid employeeno employeenumber staffid personnelnumber personalnummer personalnr \
            mitarbeiternummer mitarbeiternr matricule matricola badgeid workerid табельный 社員番号 员工编号 工号 사번 \
            personeelsnummer
            """
        ),
        ([.insurance, .number], "versicherungsnummer versichertennummer polisnummer"),
        (
            [.national, .number],
            "nid nationalid ausweisnummer personalausweisnummer identiteitskaart idcard 身份证 身份证号 マイナンバー nationalidnumber"
        ),
        (.ein, "ein fein"), (.tax, "tax taxpayer fiscal steuer tin taxid taxidnumber"),
        (
            .number,
            """
            number numbers id ids no nr num nbr nummer numéro numero número numer number num code identifier # №
            """
        ),
        (
            .other,
            """
            phone phones telephone tel telefon mobile cell fax order orders invoice invoices ticket serial sku isbn issn doi \
            version build release commit revision rev port box room suite street st zip postal postcode plz amount price \
            total balance salary wages wage cost paid fee usd eur gbp hired hire joined issued expires expiry expiration \
            expired exp admitted admission discharged discharge visited visit appointment deceased died death dead created \
            updated modified registered married marriage wedding since until due delivered shipped shipment signed effective \
            termination terminated started starts ended ends start end last graduated tracking ref reference page line \
            width height weight size bytes duration year years copyright commit sha hash checksum digest md crc uuid guid \
            etag nonce salt fingerprint integrity primary foreign public ssn social credit debit visa mastercard amex cvv \
            closes close closed debian bug bugs bugzilla lp launchpad issue issues cve cwe bpo dep fix fixes fixed fixing pull merge \
            patch rfc iso test tests error errors warning pr gh \
            plate vin imei model part product item ipv ip url http https
            """
        ),
    ]
}
