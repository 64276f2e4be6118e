/// Time zones of IANA's database 2026f, made by scripts/make-zones.py; read by Zone.swift.
enum ZoneTable {
    /// IANA's version of the data.
    static let version = "2026f"
    /// The release of the package tzdata on PyPI that it was made of.
    static let release = "2026.6"

    /// Two offsets in seconds, and for the change to the other and back month, week, weekday and local second.
    static let rules: [Zone.Rule] = [
        Zone.Rule(7200, 10800, from: (4, 5, 5, 0), until: (10, 5, 4, 86400)),
        Zone.Rule(3600, 7200, from: (3, 5, 0, 7200), until: (10, 5, 0, 10800)),
        Zone.Rule(-36000, -32400, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-32400, -28800, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-25200, -21600, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-21600, -18000, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-18000, -14400, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-28800, -25200, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-14400, -10800, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-7200, -3600, from: (3, 5, 0, -3600), until: (10, 5, 0, 0)),
        Zone.Rule(-18000, -14400, from: (3, 2, 0, 0), until: (11, 1, 0, 3600)),
        Zone.Rule(-10800, -7200, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(-14400, -10800, from: (9, 1, 6, 86400), until: (4, 1, 6, 86400)),
        Zone.Rule(-12600, -9000, from: (3, 2, 0, 7200), until: (11, 1, 0, 7200)),
        Zone.Rule(36000, 39600, from: (10, 1, 0, 7200), until: (4, 1, 0, 10800)),
        Zone.Rule(43200, 46800, from: (9, 5, 0, 7200), until: (4, 1, 0, 10800)),
        Zone.Rule(0, 7200, from: (3, 5, 0, 3600), until: (10, 5, 0, 10800)),
        Zone.Rule(7200, 10800, from: (3, 5, 0, 0), until: (10, 5, 0, 0)),
        Zone.Rule(7200, 10800, from: (3, 5, 0, 10800), until: (10, 5, 0, 14400)),
        Zone.Rule(7200, 10800, from: (3, 4, 4, 180000), until: (10, 4, 4, 180000)),
        Zone.Rule(7200, 10800, from: (3, 4, 4, 93600), until: (10, 5, 0, 7200)),
        Zone.Rule(-3600, 0, from: (3, 5, 0, 0), until: (10, 5, 0, 3600)),
        Zone.Rule(0, 3600, from: (3, 5, 0, 3600), until: (10, 5, 0, 7200)),
        Zone.Rule(34200, 37800, from: (10, 1, 0, 7200), until: (4, 1, 0, 10800)),
        Zone.Rule(37800, 39600, from: (10, 1, 0, 7200), until: (4, 1, 0, 7200)),
        Zone.Rule(-21600, -18000, from: (9, 1, 6, 79200), until: (4, 1, 6, 79200)),
        Zone.Rule(3600, 0, from: (10, 5, 0, 7200), until: (3, 5, 0, 3600)),
        Zone.Rule(45900, 49500, from: (9, 5, 0, 9900), until: (4, 1, 0, 13500)),
        Zone.Rule(39600, 43200, from: (10, 1, 0, 7200), until: (4, 1, 0, 10800)),
    ]

    /// Every name with the number of its body, sorted by name.
    static let names: StaticString = """
        Africa/Abidjan 0;Africa/Accra 0;Africa/Addis_Ababa 1;Africa/Algiers 2;Africa/Asmara 1;Africa/Asmera 1;Africa/Ba\
        mako 0;Africa/Bangui 3;Africa/Banjul 0;Africa/Bissau 4;Africa/Blantyre 5;Africa/Brazzaville 3;Africa/Bujumbura \
        5;Africa/Cairo 6;Africa/Casablanca 7;Africa/Ceuta 8;Africa/Conakry 0;Africa/Dakar 0;Africa/Dar_es_Salaam 1;Afri\
        ca/Djibouti 1;Africa/Douala 3;Africa/El_Aaiun 9;Africa/Freetown 0;Africa/Gaborone 5;Africa/Harare 5;Africa/Joha\
        nnesburg 10;Africa/Juba 11;Africa/Kampala 1;Africa/Khartoum 12;Africa/Kigali 5;Africa/Kinshasa 3;Africa/Lagos 3\
        ;Africa/Libreville 3;Africa/Lome 0;Africa/Luanda 3;Africa/Lubumbashi 5;Africa/Lusaka 5;Africa/Malabo 3;Africa/M\
        aputo 5;Africa/Maseru 10;Africa/Mbabane 10;Africa/Mogadishu 1;Africa/Monrovia 13;Africa/Nairobi 1;Africa/Ndjame\
        na 14;Africa/Niamey 3;Africa/Nouakchott 0;Africa/Ouagadougou 0;Africa/Porto-Novo 3;Africa/Sao_Tome 15;Africa/Ti\
        mbuktu 0;Africa/Tripoli 16;Africa/Tunis 17;Africa/Windhoek 18;America/Adak 19;America/Anchorage 20;America/Angu\
        illa 21;America/Antigua 21;America/Araguaina 22;America/Argentina/Buenos_Aires 23;America/Argentina/Catamarca 2\
        4;America/Argentina/ComodRivadavia 24;America/Argentina/Cordoba 25;America/Argentina/Jujuy 26;America/Argentina\
        /La_Rioja 27;America/Argentina/Mendoza 28;America/Argentina/Rio_Gallegos 29;America/Argentina/Salta 30;America/\
        Argentina/San_Juan 31;America/Argentina/San_Luis 32;America/Argentina/Tucuman 33;America/Argentina/Ushuaia 34;A\
        merica/Aruba 21;America/Asuncion 35;America/Atikokan 36;America/Atka 19;America/Bahia 37;America/Bahia_Banderas\
         38;America/Barbados 39;America/Belem 40;America/Belize 41;America/Blanc-Sablon 21;America/Boa_Vista 42;America\
        /Bogota 43;America/Boise 44;America/Buenos_Aires 23;America/Cambridge_Bay 45;America/Campo_Grande 46;America/Ca\
        ncun 47;America/Caracas 48;America/Catamarca 24;America/Cayenne 49;America/Cayman 36;America/Chicago 50;America\
        /Chihuahua 51;America/Ciudad_Juarez 52;America/Coral_Harbour 36;America/Cordoba 25;America/Costa_Rica 53;Americ\
        a/Coyhaique 54;America/Creston 55;America/Cuiaba 56;America/Curacao 21;America/Danmarkshavn 57;America/Dawson 5\
        8;America/Dawson_Creek 59;America/Denver 60;America/Detroit 61;America/Dominica 21;America/Edmonton 62;America/\
        Eirunepe 63;America/El_Salvador 64;America/Ensenada 65;America/Fort_Nelson 66;America/Fort_Wayne 67;America/For\
        taleza 68;America/Glace_Bay 69;America/Godthab 70;America/Goose_Bay 71;America/Grand_Turk 72;America/Grenada 21\
        ;America/Guadeloupe 21;America/Guatemala 73;America/Guayaquil 74;America/Guyana 75;America/Halifax 76;America/H\
        avana 77;America/Hermosillo 78;America/Indiana/Indianapolis 67;America/Indiana/Knox 79;America/Indiana/Marengo \
        80;America/Indiana/Petersburg 81;America/Indiana/Tell_City 82;America/Indiana/Vevay 83;America/Indiana/Vincenne\
        s 84;America/Indiana/Winamac 85;America/Indianapolis 67;America/Inuvik 86;America/Iqaluit 87;America/Jamaica 88\
        ;America/Jujuy 26;America/Juneau 89;America/Kentucky/Louisville 90;America/Kentucky/Monticello 91;America/Knox_\
        IN 79;America/Kralendijk 21;America/La_Paz 92;America/Lima 93;America/Los_Angeles 94;America/Louisville 90;Amer\
        ica/Lower_Princes 21;America/Maceio 95;America/Managua 96;America/Manaus 97;America/Marigot 21;America/Martiniq\
        ue 98;America/Matamoros 99;America/Mazatlan 100;America/Mendoza 28;America/Menominee 101;America/Merida 102;Ame\
        rica/Metlakatla 103;America/Mexico_City 104;America/Miquelon 105;America/Moncton 106;America/Monterrey 107;Amer\
        ica/Montevideo 108;America/Montreal 109;America/Montserrat 21;America/Nassau 109;America/New_York 110;America/N\
        ipigon 109;America/Nome 111;America/Noronha 112;America/North_Dakota/Beulah 113;America/North_Dakota/Center 114\
        ;America/North_Dakota/New_Salem 115;America/Nuuk 70;America/Ojinaga 116;America/Panama 36;America/Pangnirtung 8\
        7;America/Paramaribo 117;America/Phoenix 55;America/Port-au-Prince 118;America/Port_of_Spain 21;America/Porto_A\
        cre 119;America/Porto_Velho 120;America/Puerto_Rico 21;America/Punta_Arenas 121;America/Rainy_River 122;America\
        /Rankin_Inlet 123;America/Recife 124;America/Regina 125;America/Resolute 126;America/Rio_Branco 119;America/Ros\
        ario 25;America/Santa_Isabel 65;America/Santarem 127;America/Santiago 128;America/Santo_Domingo 129;America/Sao\
        _Paulo 130;America/Scoresbysund 131;America/Shiprock 60;America/Sitka 132;America/St_Barthelemy 21;America/St_J\
        ohns 133;America/St_Kitts 21;America/St_Lucia 21;America/St_Thomas 21;America/St_Vincent 21;America/Swift_Curre\
        nt 134;America/Tegucigalpa 135;America/Thule 136;America/Thunder_Bay 109;America/Tijuana 65;America/Toronto 109\
        ;America/Tortola 21;America/Vancouver 137;America/Virgin 21;America/Whitehorse 138;America/Winnipeg 122;America\
        /Yakutat 139;America/Yellowknife 62;Antarctica/Casey 140;Antarctica/Davis 141;Antarctica/DumontDUrville 142;Ant\
        arctica/Macquarie 143;Antarctica/Mawson 144;Antarctica/McMurdo 145;Antarctica/Palmer 146;Antarctica/Rothera 147\
        ;Antarctica/South_Pole 145;Antarctica/Syowa 148;Antarctica/Troll 149;Antarctica/Vostok 150;Arctic/Longyearbyen \
        151;Asia/Aden 148;Asia/Almaty 152;Asia/Amman 153;Asia/Anadyr 154;Asia/Aqtau 155;Asia/Aqtobe 156;Asia/Ashgabat 1\
        57;Asia/Ashkhabad 157;Asia/Atyrau 158;Asia/Baghdad 159;Asia/Bahrain 160;Asia/Baku 161;Asia/Bangkok 162;Asia/Bar\
        naul 163;Asia/Beirut 164;Asia/Bishkek 165;Asia/Brunei 166;Asia/Calcutta 167;Asia/Chita 168;Asia/Choibalsan 169;\
        Asia/Chongqing 170;Asia/Chungking 170;Asia/Colombo 171;Asia/Dacca 172;Asia/Damascus 173;Asia/Dhaka 172;Asia/Dil\
        i 174;Asia/Dubai 175;Asia/Dushanbe 176;Asia/Famagusta 177;Asia/Gaza 178;Asia/Harbin 170;Asia/Hebron 179;Asia/Ho\
        _Chi_Minh 180;Asia/Hong_Kong 181;Asia/Hovd 182;Asia/Irkutsk 183;Asia/Istanbul 184;Asia/Jakarta 185;Asia/Jayapur\
        a 186;Asia/Jerusalem 187;Asia/Kabul 188;Asia/Kamchatka 189;Asia/Karachi 190;Asia/Kashgar 191;Asia/Kathmandu 192\
        ;Asia/Katmandu 192;Asia/Khandyga 193;Asia/Kolkata 167;Asia/Krasnoyarsk 194;Asia/Kuala_Lumpur 195;Asia/Kuching 1\
        66;Asia/Kuwait 148;Asia/Macao 196;Asia/Macau 196;Asia/Magadan 197;Asia/Makassar 198;Asia/Manila 199;Asia/Muscat\
         175;Asia/Nicosia 200;Asia/Novokuznetsk 201;Asia/Novosibirsk 202;Asia/Omsk 203;Asia/Oral 204;Asia/Phnom_Penh 16\
        2;Asia/Pontianak 205;Asia/Pyongyang 206;Asia/Qatar 160;Asia/Qostanay 207;Asia/Qyzylorda 208;Asia/Rangoon 209;As\
        ia/Riyadh 148;Asia/Saigon 180;Asia/Sakhalin 210;Asia/Samarkand 211;Asia/Seoul 212;Asia/Shanghai 170;Asia/Singap\
        ore 195;Asia/Srednekolymsk 213;Asia/Taipei 214;Asia/Tashkent 215;Asia/Tbilisi 216;Asia/Tehran 217;Asia/Tel_Aviv\
         187;Asia/Thimbu 218;Asia/Thimphu 218;Asia/Tokyo 219;Asia/Tomsk 220;Asia/Ujung_Pandang 198;Asia/Ulaanbaatar 169\
        ;Asia/Ulan_Bator 169;Asia/Urumqi 191;Asia/Ust-Nera 221;Asia/Vientiane 162;Asia/Vladivostok 222;Asia/Yakutsk 223\
        ;Asia/Yangon 209;Asia/Yekaterinburg 224;Asia/Yerevan 225;Atlantic/Azores 226;Atlantic/Bermuda 227;Atlantic/Cana\
        ry 228;Atlantic/Cape_Verde 229;Atlantic/Faeroe 230;Atlantic/Faroe 230;Atlantic/Jan_Mayen 151;Atlantic/Madeira 2\
        31;Atlantic/Reykjavik 0;Atlantic/South_Georgia 232;Atlantic/St_Helena 0;Atlantic/Stanley 233;Australia/ACT 234;\
        Australia/Adelaide 235;Australia/Brisbane 236;Australia/Broken_Hill 237;Australia/Canberra 234;Australia/Currie\
         238;Australia/Darwin 239;Australia/Eucla 240;Australia/Hobart 238;Australia/LHI 241;Australia/Lindeman 242;Aus\
        tralia/Lord_Howe 241;Australia/Melbourne 243;Australia/NSW 234;Australia/North 239;Australia/Perth 244;Australi\
        a/Queensland 236;Australia/South 235;Australia/Sydney 234;Australia/Tasmania 238;Australia/Victoria 243;Austral\
        ia/West 244;Australia/Yancowinna 237;Brazil/Acre 119;Brazil/DeNoronha 112;Brazil/East 130;Brazil/West 97;CET 24\
        5;CST6CDT 246;Canada/Atlantic 76;Canada/Central 122;Canada/Eastern 109;Canada/Mountain 62;Canada/Newfoundland 1\
        33;Canada/Pacific 137;Canada/Saskatchewan 125;Canada/Yukon 138;Chile/Continental 128;Chile/EasterIsland 247;Cub\
        a 77;EET 248;EST 36;EST5EDT 249;Egypt 6;Eire 250;Etc/GMT 251;Etc/GMT+0 251;Etc/GMT+1 252;Etc/GMT+10 253;Etc/GMT\
        +11 254;Etc/GMT+12 255;Etc/GMT+2 256;Etc/GMT+3 257;Etc/GMT+4 258;Etc/GMT+5 259;Etc/GMT+6 260;Etc/GMT+7 261;Etc/\
        GMT+8 262;Etc/GMT+9 263;Etc/GMT-0 251;Etc/GMT-1 264;Etc/GMT-10 265;Etc/GMT-11 266;Etc/GMT-12 267;Etc/GMT-13 268\
        ;Etc/GMT-14 269;Etc/GMT-2 270;Etc/GMT-3 271;Etc/GMT-4 272;Etc/GMT-5 273;Etc/GMT-6 274;Etc/GMT-7 275;Etc/GMT-8 2\
        76;Etc/GMT-9 277;Etc/GMT0 251;Etc/Greenwich 251;Etc/UCT 251;Etc/UTC 251;Etc/Universal 251;Etc/Zulu 251;Europe/A\
        msterdam 245;Europe/Andorra 278;Europe/Astrakhan 279;Europe/Athens 248;Europe/Belfast 280;Europe/Belgrade 281;E\
        urope/Berlin 151;Europe/Bratislava 282;Europe/Brussels 245;Europe/Bucharest 283;Europe/Budapest 284;Europe/Busi\
        ngen 285;Europe/Chisinau 286;Europe/Copenhagen 151;Europe/Dublin 250;Europe/Gibraltar 287;Europe/Guernsey 280;E\
        urope/Helsinki 288;Europe/Isle_of_Man 280;Europe/Istanbul 184;Europe/Jersey 280;Europe/Kaliningrad 289;Europe/K\
        iev 290;Europe/Kirov 291;Europe/Kyiv 290;Europe/Lisbon 292;Europe/Ljubljana 281;Europe/London 280;Europe/Luxemb\
        ourg 245;Europe/Madrid 293;Europe/Malta 294;Europe/Mariehamn 288;Europe/Minsk 295;Europe/Monaco 296;Europe/Mosc\
        ow 297;Europe/Nicosia 200;Europe/Oslo 151;Europe/Paris 296;Europe/Podgorica 281;Europe/Prague 282;Europe/Riga 2\
        98;Europe/Rome 299;Europe/Samara 300;Europe/San_Marino 299;Europe/Sarajevo 281;Europe/Saratov 301;Europe/Simfer\
        opol 302;Europe/Skopje 281;Europe/Sofia 303;Europe/Stockholm 151;Europe/Tallinn 304;Europe/Tirane 305;Europe/Ti\
        raspol 286;Europe/Ulyanovsk 306;Europe/Uzhgorod 290;Europe/Vaduz 285;Europe/Vatican 299;Europe/Vienna 307;Europ\
        e/Vilnius 308;Europe/Volgograd 309;Europe/Warsaw 310;Europe/Zagreb 281;Europe/Zaporozhye 290;Europe/Zurich 285;\
        Factory 251;GB 280;GB-Eire 280;GMT 251;GMT+0 251;GMT-0 251;GMT0 251;Greenwich 251;HST 311;Hongkong 181;Iceland \
        0;Indian/Antananarivo 1;Indian/Chagos 312;Indian/Christmas 162;Indian/Cocos 209;Indian/Comoro 1;Indian/Kerguele\
        n 313;Indian/Mahe 175;Indian/Maldives 313;Indian/Mauritius 314;Indian/Mayotte 1;Indian/Reunion 175;Iran 217;Isr\
        ael 187;Jamaica 88;Japan 219;Kwajalein 315;Libya 16;MET 245;MST 55;MST7MDT 316;Mexico/BajaNorte 65;Mexico/BajaS\
        ur 100;Mexico/General 104;NZ 145;NZ-CHAT 317;Navajo 60;PRC 170;PST8PDT 318;Pacific/Apia 319;Pacific/Auckland 14\
        5;Pacific/Bougainville 320;Pacific/Chatham 317;Pacific/Chuuk 142;Pacific/Easter 247;Pacific/Efate 321;Pacific/E\
        nderbury 322;Pacific/Fakaofo 323;Pacific/Fiji 324;Pacific/Funafuti 325;Pacific/Galapagos 326;Pacific/Gambier 32\
        7;Pacific/Guadalcanal 328;Pacific/Guam 329;Pacific/Honolulu 311;Pacific/Johnston 311;Pacific/Kanton 322;Pacific\
        /Kiritimati 330;Pacific/Kosrae 331;Pacific/Kwajalein 315;Pacific/Majuro 325;Pacific/Marquesas 332;Pacific/Midwa\
        y 333;Pacific/Nauru 334;Pacific/Niue 335;Pacific/Norfolk 336;Pacific/Noumea 337;Pacific/Pago_Pago 333;Pacific/P\
        alau 338;Pacific/Pitcairn 339;Pacific/Pohnpei 328;Pacific/Ponape 328;Pacific/Port_Moresby 142;Pacific/Rarotonga\
         340;Pacific/Saipan 329;Pacific/Samoa 333;Pacific/Tahiti 341;Pacific/Tarawa 325;Pacific/Tongatapu 342;Pacific/T\
        ruk 142;Pacific/Wake 325;Pacific/Wallis 325;Pacific/Yap 142;Poland 310;Portugal 292;ROC 214;ROK 212;Singapore 1\
        95;Turkey 184;UCT 251;US/Alaska 20;US/Aleutian 19;US/Arizona 55;US/Central 50;US/East-Indiana 67;US/Eastern 110\
        ;US/Hawaii 311;US/Indiana-Starke 79;US/Michigan 61;US/Mountain 60;US/Pacific 94;US/Samoa 333;UTC 251;Universal \
        251;W-SU 297;WET 292;Zulu 251;
        """

    /// Offsets and their changes, as scripts/make-zones.py says at `body`.
    static let bodies: StaticString = """
        ACx8BABxkiy98FB;AEooRwyRgjV4qTF5/h3g2FB5lk89lBC81nDBk2+OD+j+LC;AF4tBijBAghHgiOhBpym+51EB3y66ylBCjq088JDguUCg0gB\
        Dg+kBCg2cDgynBCgsbDg8oBCg4YDgovBCg0aDgySCgggnBDo4MCwsSD4h5IE4njBDoghBEwpfDgsoCCo29TD4vtPCgkmRDg8cCoggMDgs8BEoki\
        BDw5qCCokiBDoujBC4jiBD;AE+yBAwwDghHEjtxl2wFB/y3z0FAj9xnrKCv61+0KD;AD5pHhhHAChpny98FBgy6mEC;AC0oPgiOBt3jjp3FB;BD\
        q1OgiOgjVgE36/s4nFBrzz56qCC4zOBo4kBC47cBo+kBC4lnBBoodC4joBBowcC4joBBokfC4plBBog1YC4/aBo4nBC41cBw4nBCowcB4joBCow\
        cB49nBCowcB49nBCowcB49nBCowcB4joBCowcB49nBCowcB49nBCo2cB43nBCo2cB49nBCo2cB43nBCo2cB43nBCo2cB43nBCo2cB49nBCo2cB4\
        3nBCo2cB43nBCo2cB43nBCo2cB49nBCo2cB43nBCo2cB43nBCo2cB43nBCo2cB49nBCo2cB43nBCo2cB413BCo4MB4n1BComPB49nBCo2cB43nB\
        Co2cB43nBCo2cB43nBCo2cB49nBCo2cB41oBCo4bB43nBCo2cB43nBCo2cB49nBCo2cB43nBCo2cB43nBCo2cBwlnBC47cBosnBC47cBosnBC47\
        cBosnBC47cBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC47cBosnBC47cBosnBC4xbBo2oBC49YBoqrBC4zXBo0sBC4pWBo\
        ovBC4pTBo0FC49DBoi4HC47HBoyGC4vKBogsSCA;AD5xDAghHnC551/qgGBput01wBC43MBosSC4toMBos4JC4naBoxwjBC4sWBo8sOC49MBogy\
        DC4nRBomzBC4jcBokuBC4/LBoygMC4/6DBoi/vBC4nRBomzBC4lPBo0vBC4rSBo0sBC4pWB4mzBCgsPBg6FCg2HBgsnBCgkNBgsGCg0OBg8cCg8\
        QBgyGCg+PBg8cCguOBgyGCgsSBg8cCgkNBgyGCggVBgybCgwKBg8HCgqWBgybCgmJBgyGCgs8BBgyGCgi7BBg8HCgi7BBgyGCgi7BBg8HCgi7BB\
        gyGCgs8BBgyGCgi7BBg8HCgi7BBgyGC4jiBB;CE5vCAghHgiOrBhwzynoFB45jlBC47cBos6LCoigBB4/oDCowfB4tjBCo6gBBg4kBCg6gBBgn3\
        yCC4sWBo8sOC49MBogyDC4nRBomzBC4jcBokuBC4/LBoygMCowrEDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgki\
        BDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDA;AEhmGhhHAghH8Bhux7pmHBh7/ixvCC4lDD4nRComzBD4jcCokuBD4/LCo06/BD4nRCo\
        mzBD4lPCo0vBD4rSCo0sBD4pWC4mzBDgsPCg6FDg2HCgsnBDgkNCgsGDg0OCg8cDg8QCgyGDg+PCg8cDguOCgyGDgsSCg8cDgkNCgyGDggVCgyb\
        DgwKCg8HDgqWCgybDgmJCgyGDgs8BCgyGDgi7BCg8HDgi7BCgyGDgi7BCg8HDgi7BCgyGDgs8BCgyGDgi7BCg8HDgi7BCgyGD4jiBC;AEgkNwxK\
        giOgjVGh05kw3EBxinu5UCsg10CD4jiBCokiBD4jiBC;ADo6OgiOgjVjB5tmn1gHBpw+o/pCC4pfBo+kBC4vfBoklBC4vfBo4kBC41fBoykBC47\
        fBoskBC4hgBBomkBC4tgBBo6jBC4zgBBo+kBC4vfBo4kBC41fBoykBC4hgBBomkBC4ngBBogkBC4tgBBo6jBC4zgBBo+kBC41fBoykBC47fBohw\
        eC4shtBB;ADgoPgiOgjVjBhgmn1gHBh++o/pCC4pfBo+kBC4vfBoklBC4vfBo4kBC41fBoykBC47fBoskBC4hgBBomkBC4tgBBo6jBC4zgBBo+k\
        BC4vfBo4kBC41fBoykBC4hgBBomkBC4ngBBogkBC4tgBBo6jBC4zgBBo+kBC41fBoykBC47fBohweC40imBB;AD5hF9mFAC5pv1sqGBl92rtjDC\
        ;AD4hHghHgiODpm5x98FB5w4/v/DC4rbB;AEglD7pEAghHEhz3rooEBh1om10BCou7iHDgukCC;AD4lGghHgiOepy5i/rGB5+3j57BCo5OB4q5D\
        Co3PBou3DC4tRBowtGC4lnxBBo8QC4piBBokiBC4piBBoqiBC4piBBoijBC4rhBBo2iBC4jiBBo4hBC4piBBoqiBC4piBBokiBC4piBBoqoBC49\
        2NBo8iBCoyshBBgiaC;AE44EijBghHgiOiBp/iwpjEB3l+oj4BCjp8o70BDg2oBCgySDgouDCo8cDw0sBCgybD4xDCowBD4reCokiBDonjBC4gh\
        BDopfCou1jCDgybCgipBDg2cCgi2UDg4VCgkiBDgkiBCgipBDgwcCg6mfDowcComhBDg2oBCgybDg2oBCg8cDgsnBC;AFwgIwxKgiOgjVghH0Bx\
        3+kw3EBh/hu5UCsg10CD4jiBC43ktDE4qfC4rnBEo8cC41oBEoybC41oBEo8cC4rnBEo8cC4rnBEo8cC4rnBEo8cC4rnBEo8cC41oBEoybC41oB\
        Eo8cC4rnBEo8cC4rnBEo8cC4rnBEo8cC4rnBEo8cC41oBEo8cC4rnBEo8cC4rnBEo8cC4rnBEo8cC4rnBEo8cC41oBEoybC41oBEo8cC4rnBEo8\
        cC4rnBEo8cC4rnBEo8cC;DFk+1C95yChrtChqmChp/BwCj93j5pDB7oux49BCln1nguCD4l5HCosuyBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4\
        jiBCokiBD4jiBCokND4j3BCoqWD49tBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4xlC\
        E4jiBDokiBE4jiBDokiBE4jiBDomeE4hmBDomeE4rnBDo8cE4rnBDo8cE4rnBDomeE4hmBDomeE4hmBDomeE4rnBDo8cE4rnBDo8cE4rnBDomeE\
        4hmBDomeE4hmBDomeE4hmBDomeE4rnBDo8cE4rnBDo8cE4rnBDomeE4hmBDomeE4hmBDomeE4rnBDo8cE4rnBDo8cE4rnBDo+YEA;EFwviDxomC\
        hqmChp/Bho4BwCj93j5pDBv3hx49BCx36nguCD4l5HCosuyBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCokND4j3BCoqWD49tB\
        CokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4xlCE4jiBDokiBE4jiBDokiBE4jiBDomeE4\
        hmBDomeE4rnBDo8cE4rnBDo8cE4rnBDomeE4hmBDomeE4hmBDomeE4rnBDo8cE4rnBDo8cE4rnBDomeE4hmBDomeE4hmBDomeE4hmBDomeE4rnB\
        Do8cE4rnBDo8cE4rnBDomeE4hmBDomeE4hmBDomeE4rnBDo8cE4rnBDo8cE4rnBDo+YEA;ADz/ehkchjVDz7jy9kFBvwu+hxCCo0pHB;ADhzWhj\
        VhiOzBhjzh2gGBh7qzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo\
        +tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41TBoywBC4pWBowkMC4pWBo0sBC49YBowrBC4rbBogqBC49YBogqBC4xbBogqBC49YBo0s\
        BC4zXBoywBC41TBo62UC4pWB;AF5sbhjehkchjVhiO7B5ktq08EBpuz3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tB\
        D41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD4\
        1fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogqBE4naDoqrBE49YDoqrBE49YDoqrBE4naDoy2fE4tODo2oBE4xbD;AF56ehjehk\
        chjVhiO7B5ywq08EBpgw3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+t\
        BD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4r\
        SDognfE4zRDogqBE4naDoqrBE49YCwqrBEw9YDoqrBE4naDowhYCoyDD4vxHE4tOD;AEhjehkchjVhiO6BhzgizsGBhxhj9TC41WBo+kBC47ZBo\
        +tBC4vWBo+tBC4vWBo+tBC4vWBo+tBC41WBo+tBC4vWBo+tBC4vWBo+tBC4vWBo+tBC41WBo8WC4thCBo8WC456DBoiOC43iFBokoBC4lskBBoi\
        OC4tOBo4qBC41ZBo4qBC41ZBo4qBC41fBokiBC4tjBBokiBC4jiBBokiBC4xmJD4rSCognfD4zRCogqBD4naCoqrBD49YBwqrBDw9YCoqrBD4na\
        Coy2fD4tOCo2oBD4xbC;AFxzehjehkchjVhiO5Bxrwq08EBxnw3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WC\
        o+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCok\
        iBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogqBE4naCw0sBD4naCoimBEwxbDoqrBE4naDoy2fE4tOD;AF5qfhjehkchjVhiO8B5ixq0\
        8EBpwv3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thC\
        Co8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogq\
        BE4naDoqrBE4xYCwyMD4jfE49YDoqrBE4naDowhYCoyDD4vxHE4tOD;AFpogBhjehkchjVhiO7Bpgyq08EB5yu3+vBChxhj9TD41WCo+kBD47ZC\
        o+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCo\
        iOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogqBE4naCwmqBD41ZCo4qBD47ZCoqrBEwn\
        aDo6/XCo0XD4j/GE4tOD;AFpugBhjehkchjVhiO7Bpmyq08EB5su3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41\
        WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fC\
        okiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogqBE4naDoqrBE49YDoqrBE49YDoqrBE4naDowhYCoyDD4vxHE4tOD;AFp1ehjehkchj\
        VhiO5Bq9myFB5lw3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41W\
        Co8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDogn\
        fE4zRDogqBE4naDoqrBE49YCwqrBEw9YDoqrBE4naDoy2fE4tOD;AF5jgBhjehkchjVhiO8B57xq08EBp3u3+vBChxhj9TD41WCo+kBD47ZCo+t\
        BD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD\
        4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogqBE4naDoqrBE4xYCwyMD4jfE49YDoqrBE4n\
        aDoqhYCoqKD49qHE4tOD;AFpjfhjehkchjVhiO8Bp7wq08EB53v3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41W\
        Co+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCo\
        kiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogqBE4jcCwqoBD41ZCooRD4n6bCoqKD49qHE4jEDogJCo2oBD4xbCo2oBD;AFpyehjehk\
        chjVhiO9Bpqwq08EB5ow3+vBChxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+t\
        BD41WCo8WD4thCCo8WD456DCoiOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4r\
        SDognfE4zRDogqBE4naDoqrBE49YCwqrBEw9YDoqrBE4naDowhYCooCD45yHE4tODo2oBE4xbD;AFxggBhjehkchjVhiO7Bx4xq08EBx6u3+vBC\
        hxhj9TD41WCo+kBD47ZCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo+tBD4vWCo+tBD4vWCo+tBD4vWCo+tBD41WCo8WD4thCCo8WD456DCo\
        iOD43iFCokoBD4lskBCoiOD4tOCo4qBD41ZCo4qBD41ZCo4qBD41fCokiBD4tjBCokiBD4jiBCokiBD4xmJE4rSDognfE4zRDogqBE4naDoqrBE\
        49YDoqrBE49YDoqrBE4naDokhYCo+DD4vxHE4tOD;ADhhbhkchjVmDh5z3jiHBhryvitCC4xmDBo4mDC4vcBokoBC4pcBokoBC4pcBokoBC4jiB\
        BoqiBC4piBBoqiBC4jiBBoqiBC4jiBBoqiBC4jiBBoqiBC4piBBoqiBC4jiBBoqiBC4jiBBoqiBC4jiBBoqiBC4piBBoqiBC4jiBBoomBC4leBo\
        qiBC4jiBBoojBC4xbBo8oBC4lhBBowiBC49bBowoBC43bBo2oBC4vcBoipBC4naBogqBC4xbBo2oBC47cBosnBC47cBosnBC47cBo2oBC4jiBBo\
        ybC41oBBo8cC4rnBBo4kBC4xbBo2oBC4xbBo2oBC4xbBogqBC4naBogqBC4naBogqBC45gBBo6gBC4tjBBo6gBC4tjBBokiBC4vfBo4kBC4vfBo\
        4kBC4vfBo4kBC45gBBoujBC45gBBoujBC45gBBo4kBC4vfBo4kBC4vfBo4kBC45gBBoujBC45gBBoujBC45gBBoujBC45gBBo4kBC;ADhplBxul\
        BhljBChhs0xzEBx990tiBC;AD5hShjVhiO9B5xuh2gGBpsvzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4x\
        PBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41TBoywBC4pWBoovBC4pWBo+tBC4/UBoywBC4rSB\
        oywBC4zXBo0sBC4zXBo0sBC4pWBo0sBC49YBowrBC4rbBogqBC49YBogqBC4xbBogqBC49YBo0sBC4zXBoywBC41TBooxSC49YB;AE5qxBhnxBh\
        mqBhljB9Bhntz3vGBgs0LC4jrHBokfC47cBoqiBC4hxVB4ivzDC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBoujBC4xbBoujBC4hmBB\
        omeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeDwrnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBCome\
        D4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBC;AEr+bhkchjVxzYPr2t6o8FB3mxs05BCokZB43tBCo\
        0XB47oBDo2cBgijmCC4/UBo4kBC4vfBo4kBC4vfBoimBC4zdB;ADp3WhjVhiOdpnzh2gGB52qzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41W\
        Bo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TB;AEhrpBhmqBx1mBhljB\
        hDh7lzs9FBhjxhoMC8zXBk0sBC89YBkqrBC89YBkqrBC89YBk0sBC8zXBk0sBC8zXBk0sBC89YBkqrBC89YBkqrBC89YBkqrBC89YBk0sBC8zXB\
        k0sBC8zXBk0sBC89YBkqrBC89YBkqrBC89YBk0sBC8zXBk0sBC8zXBk0sBC8zXBk0sBC89YBkqrBC89YBkqrBC89YBk0sBC8zXBk0sBC8zXBk0s\
        BC89YBk+YD4xtHBos7DC89YBkqrBC89YBkqrBC89YBk0sBC8zXBk0sBC8zXBk0sBC89YBkqrBC89YBkqrBC89YBkqrBC89YBk0sBC8zXBk0sBC8\
        zXBk0sBC89YBkqrBC89YBkqrBC89YBk0sBC8zXBk0sBC8zXBk0sBC8zXBk0sBC89YBkqrBC89YBkqrBC89YBk0sBC8zXBkouMD4rMBos+SD4vKB\
        ;ADhuchkchjVhBh+4h2gGBhhszshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+\
        tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBog+YC4xbBogqBC4pBB;ADh3iBhljBhkcDh3j5riGBhmmn1xEC410BB;FEjv2Bho4Bhn\
        xBhmqB5ChsmohoEBwnxpCC4rnBBo8cC4rnBBo6yHC45joBD4l5HCo8luBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4ji\
        BCokiBD4jiBCosSD47xBCoqWD49tBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCo\
        kiBD4jiBCokiBD4jiBCokiBD4jiBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo\
        meD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;FEAhnxB\
        hmqBhljBoCh4/i/rGBokqvBC4l5HBou84BC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBo\
        kiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4h\
        mBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4nkCDo1oBC4+iCBomeC4hmBBomeC4hmBBomeC4rnB\
        Bo8cC4rnBBo8cC4rnBBo+YCA;ADpzZhkchjV7Cpj2h2gGB57uzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC\
        4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41TBoywBC4pWBoovBC4pWBo+tBC4/UBoywBC4r\
        SBoywBC4zXBo0sBC4zXBo0sBC4pWBo0sBC49YBowrBC4rbBogqBC49YBogqBC4xbBogqBC49YBo0sBC4zXBoywBC41TBo+tBC4pWBo+wBC4zUBo\
        0sBC4zXBoywBC4/UBoqrBC4zXBo+tBC4pWBo+tBC4zXBo0sBC4zXBo0sBC49YBo0sBC4pWBo+tBC4pWBo+tBC4zXBo0sBC4zXBo0sBC4zXBo0sB\
        C4zXBoywBC41TB;AEx1oBhmqBhljBhkcqBhmmz3vGBw+rgECojmCB48rcC4hmBBomeC4nkCD4pWCo4PBomeC4rnBBo8cC4rnBBoujBC4xbBoujB\
        C4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4h\
        mBBosSC;AEhsf5rfx0fhkcFhkm0xzEB5/o8ypBC5ggrvjDD0s87CCg8+RD;ADhxYhkchjVCh5uo/7FBhjl85pDC;GD5ipBhmqBhljBuFhq4nhoE\
        BwnxpCC4rnBBo8cC4rnBBoqrBC4naBoybC41oBBokiBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC47cBosnBC47cB\
        osnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBo8cC4xwBBomeC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBokZC\
        4l5HBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC4tjBBokiBC4jiBBokiBC\
        4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4\
        jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiB\
        BokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC\
        4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hm\
        BBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YCA;AEp3xBhnxBhmqBhljB6Bhntz3vGBgs0LC4jrHBokfC47cBoqiBCokgpED4hmBComeD4hmBCookCB\
        omeC4rnBBo8cC4rnBBoujBC4xbBoujBC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8\
        cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC;FEp9xBhnx\
        BhmqBhljB7Bhntz3vGBgs0LC4jrHBokfC47cBoqiBCokgpED4hmBComeD4hmBCookCBomeC4rnBBo8cC4rnBBoujBC4xbBoujBC4hmBBomeC4hm\
        BBomeC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBooaC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo\
        +YC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XCojxBBA;AD7snBhmqBhljBJ7kk49tGBnx54ptDC4rSBo8xBC4rSBoo4\
        WC4xeBo2lBC41KB;AFh5hBrkhBhljBhkchjVjEhxo0xzEBrj0k1lBC3gvylMBr3+/jED3vnuwBBrgj4rPD33ijjBCo2cD43nBCo2cD43nBCo2cD\
        43nBCo2cD49nBCo2cD4v7UCouLD4v/JCgyJDgo9tBE4xbDo0sBE4zXDo4kBE47cDosnBE47cDo2oBE4xbDoimBE4leDo2oBE4xbDo2oBE47cDos\
        nBE47cDosnBE47cDo2oBE4xbDo2oBE4xbDo2oBE47cDosnBE47cDosnBE47cDosnBE47cDo2oBE4xbDo2oBE4xbDo2oBE4jiBDokiBE47cDosnB\
        E47cDo2oBE4xbDoujBE45gBDo2oBE47cDosnBE47cDosnBE47cDosnBE47cDo2oBE4xbDo2oBE4vfDo4kBE47cDo4kBE4tjBDoujBE47cDo2oBE\
        4xbDo2oBE4xbDo2oBE4xbDo2oBE47cDosnBE47cDosnBE47cDo2oBE4xbDo2oBE4vfDo4kBE47cDosnBE45gBDoujBE4rnBDo2TE4nvBDo0XE4z\
        sBDo+YE4prBDo+YE4vzDDoiRE4lzBDoiRE4lzBDoiRE4zsBDo8cE4rnBDo8cE4rnBDo8cE4rnBDomeE4hmBDo8cE41oBDo8cE;ADlx0BhnxBhmq\
        BLhr/nhoEBwnxpCC4rnBBo8cC4rnBBo02vBC5op7xDBoiRC4piBBpvt9uqBC4jiBB;ADppahkchjV5Cp52h2gGB5luzshBCg7hBBo2iBC43hBBo\
        w1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoo\
        vBC41TBoywBC4pWBoovBC4pWBo+tBC4/UBoywBC4rSBoywBC4zXBo0sBC4zXBo0sBC4pWBo0sBC49YBowrBC4rbBogqBC49YBogqBC4xbBogqBC\
        49YBo0sBC4zXBoywBC41TBom1DC4zUBo0sBC4zXBoywBC4/UBoqrBC4zXBo+tBC4pWBo+tBC4zXBo0sBC4zXBo0sBC49YBo0sBC4pWBo+tBC4pW\
        Bo+tBC4zXBo0sBC4zXBo0sBC4zXBo0sBC4zXBoywBC41TB;AEh4IhjVhiOAiBhw94wlGBh15053DCg5gBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiB\
        BgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBB\
        gkiBCgkiBBwySD;AEprhChp/Bho4BhnxB7CprgyxnFB5v+omhBC43kBBosnBCo/dB4w1vBC4l5HB4h8pBDgujBBgqjRCo+8ND4jiBCokiBD4jiB\
        CokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4r\
        nBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBC\
        o8cD4rnBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo+YD4zsBCo0XD4zsBCo0X\
        D4zsBCo0XD4zsBCo0XD;ADxr4Bho4BhnxB4BxjztooEBx2ktvgCC43kBBo86xBC4l5HBo0rDC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47\
        cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC4jiBBokiBC4jiB\
        BokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC;FD5mxBhnxBhmqBgDhr/nhoEB\
        wnxpCC4rnBBo8cC4rnBBo8cC41oBBoybC4vKBogrsBC4l5HBoi8pBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBok\
        iBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC\
        4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8c\
        C4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4r\
        nBBo+YCA;HE39mBhmqBhljBhkcvC3lqs4vFBr649vTC4pn5BD4l5HCo8vFD47cC5q3rmjBDp11yWCokiBD4jiBCou0JD4jiBCokND4j3BCokiBD\
        4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4\
        jiBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmB\
        ComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;ADhm1BhnxBhmqB+Dhugz8yFBhrwn7VC4\
        3kBBowfC4nIBo0+BC4tjBBo6gBC47cBo2oBC4xbBo2oBC47cBoypnBC4l5HBo0rDC47cBo+z0BC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBo\
        kiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBom\
        eC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4\
        rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsB\
        Bo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo0\
        XC4zsBBo0XC4zsBBo0XC;ADh4gBhljBhkchBho9h2gGBh4uzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4x\
        PBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBo6lMC4zXBok2eC4twLB;ADh6pBhmqBhljBFhisu7tGBhs\
        7048DC4xbBo2oBC4xbB;IDp72BhnxBho4BiEhntz3vGBg8oECowrHB4jrHCo2ZB4jiBCoyzWB49zHCowjFB4n1BCow4CB4rbC42oBB47cCosnBB\
        47cCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgkiBCgkiBBgkiBCgkiBBg\
        kiBCgkiBBgujBCg6gBBgujBCokiBB4jiBCokiBB4jiBCokiBB4jiBCokiBB4jiBCokiBB4tjBCokiBB4jiBCokiBB4jiBCokNB4j3BCoqWB49tB\
        CokiBB4tjBCo6gBB4tjBCokiBB4jiBCokiBB4jiBCokiBB4jiBCokiBB4jiBCokiBB4tjBCo6gBB4tjBCokiBB4jiBCokiBB4jiBCokiBB4jiBC\
        omeB4hmBComeB4rnBCo8cB4rnBCo8cB4rnBComeB4hmBComeB4hmBComeB4rnBCo8cB4rnBCo8cB4rnBComeB4hmBComeB4hmBComeB4hmBCome\
        B4rnBCo8cB4rnBCo8cB4rnBComeB4hmBComeB4hmBComeB4rnBCo8cB4rnBCo8cB4rnBCo8cB4rnBComeB4hmBComeB4hmBC43M;ADvw5Bho4Bh\
        nxBuEvo0tooEBzxjtvgCC43kBBo86xBC4l5HBo0rDC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBos\
        nBC47cBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBB\
        okiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBo\
        kiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC\
        4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rn\
        BBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo\
        0XC4zsBBo0XC;HEtsoBhmqBhljBhkclBhq4nhoEBwnxpCC4rnBBo8cC4rnBBokruBC4rSBokZC4l5HBosnBC47cBosnBC47cBosnBC47cBosnBC\
        47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC41mFBosnBC4rxXD4jiBCokiBD4jiBCo66rCD4rnBCo+YDA;ADxhShjVhi\
        OnBxxuh2gGBxsvzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tB\
        C41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41TBoywBC4pWBom0UC4xbBogqBC4zCBo+iCC4zXB;JDpjchkchjVuCpjt++qFB5yu74dC43kB\
        Bo86xBC4l5HBoumQC47cBok5nBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiB\
        BokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4\
        hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnB\
        Bo8cC4rnBBo8cC4rnBBo+YCA;KDhoYhjVhiO4Chgt5wlGBhlq053DCg5gBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgk\
        iBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCgsnBBg8c\
        CgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgs\
        nBBg8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBB\
        gybCg2oBBgybCg2oB;JIpqc52Y51RxzYxyRhkchjVhiO2Epi3sooEBxmhtvgCC43kBB4zkjBD58xnjCE4xbDo2oBE4xbDo2oBE4xbDogqBE4naD\
        ogqBE4xbDo2oBE4xbDo2oBEokoHDogqBE4xbDo2oBE4xbDo2oBE4xbDo2oBE4xbDogqBE4xbDoimBE47cDosnBE47cDosnBE47cDosnBE47cDos\
        nBE47cDo2oBE47cDosnBE47cDosnBE47cDosnBE47cDosnBE4tjBDokiBE4jiBDokiBE4jiBDokiBE4jiBDokiBE4jiBDokiBE4tjBDoqZFkwHG\
        4tjBFokiBG4jiBFokiBG4jiBFokiBG4jiBFokiBG4jiBFokiBG4tjBFokiBG4jiBFokiBG4jiBFokiBG4jiBFokiBG4jiBFokiBG4tjBFo6gBG4\
        tjBFokiBG4jiBFokiBG4jiBFokiBG4jiBFokiBG4jiBFokiBG4tjBFo6gBG4tjBFokiBG4jiBFokiBG4jiBFokiBG4jiBF565waG4hmBFomeHwr\
        nBFw8cG4rnBFo8cG4rnBFomeG4hmBFomeG4hmBFomeG4rnBFo8cG4rnBFo8cG4rnBFomeG4hmBFomeG4hmBFomeG4hmBFomeG4rnBFo8cG4rnBF\
        o8cG4rnBFomeG4hmBFomeG4hmBFomeG4rnBFo8cG4rnBFo8cG4rnBFo+YG4zsBFo0XG4zsBFo0XG4zsBFo+YG4zsBFo0XGpzvsmB;HEhrhB9/jB\
        hljBhkcrChjo0xzEB9srixpBClv4mv+DD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCome\
        D4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4r\
        nBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo+YD4zsBCo0XD4zsBC\
        o0XD4zsBCo0XD4zsBCo0XD4zsBCo0XDgiuG;AD5tqBhmqBhljBJ5tuv0pGBp4g/2nDC4hRBou4TC4nXBoyhQC4vfBo+qfC47cB;AExtlBx5kBhl\
        jBhkcExls0xzEBh8t0jtCCxr9qu0DD49MC;AEvobhkc5rahjVEv4gsk8FBz71x3GC+3phEDi+0jBB;JDh6dhkchjVmFh6u++qFBhy5s+ZC4piBB\
        4gpDC43kBB4/oDC4/UBo8uBC47WBousBC4/XBoytBC41WBoytBC4jZBokrBC43bBokrBC4vWBokrBC43bBokrBC4pWBo+tBC4rVBo8uBC45XBou\
        sBC4taBowoBC43bBowoBC4hdBokrBC4pWBoywBC4vWBo+tBC41TBokrBC43bBowoBC43bBo4tBC4vWBo6pBC43bBowoBC43bB4+YC4l5HBosnBC\
        47cBosnBC47cBosnBC47cBosnBC47cBo+sDC47cBosnBC47cBosnBC47cBosnBC47cBo+sDC47cBosnBC47cBosnBC47cBosnBC47cBomxFC4ji\
        BBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiB\
        BokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBB\
        okiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBo\
        meC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YCA;LExzmBh0mBhljBhk\
        cmExrt0xzEBx8su7iCCh9ojuFD47WCou9YD4hRComzBD4rSComzBD4hRCo27FD4hRComzBD4hRCogkoBD41WComtBD4zXCoojBD4hdCo2oBD4xb\
        CoqrBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4leCoimBD4reCo8lBD4xeCo2lBD4jiBCokiBD4tjBCo6gBD4tjBCoujBD47cComeD4rnBCo8cD4\
        rnBCosnBD47cCosnBD47cCosnBD47cCosnBD4leCoimBD4leCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBCo6gBD43kBCo6gBDgujBCg6gBDg\
        ujBCg6gBDgujBCg6gBDgujBCg6gBDgujBCgkiBDgkiBCgkiBDgujBCgwfDgsnBCg8cDg2oBCg8cDgsnBCg8cDgsnBCgmeDgimBCgmeDgimBCg8c\
        DgmxFCg+YDgqrBCgoaDggqBCg+YDgqrBCgoaDgqrBCgoaDg0sBCgoaDg2oBCg0XDg0sBCg0XDg0sBCg0XDg0sBCg+YDg0sBCg0XDg0sBCg0XDg0\
        sBCg0XDg0sBCg0XDg0sBCg+YDg0sBCg0XDg0sBCg0XDg0sBCg0XDg0sBCg0XDg0sBCg0XDgmyDCA;ADxg0BhnxBhmqBNhntz3vGBgs0LC4jrHBo\
        kfC47cBoqiBC4hxVB4ivzDC4hmBBomeC4hmBBomeC4hmBB;GDtzoBhmqBhljB6Chq4nhoEBwnxpCC4rnBBo8cC4rnBBo02vBC4l5HBo0rDC47cB\
        osnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC4tjBBokiBC4jiBBokiBC47cBosnBC47cBosnBC4jiBB\
        okiBC4tjBBokiBC4jiBBokiBC4rmDBomwHC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoq\
        WC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiB\
        C4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC43phBBo+YCA;HEnvoBhmqBhljBhkcnBhq4nhoEBwnxpCC4rnBBo8cC4rnBBo02vBC\
        4l5HBo+9LC47cBo8vFC47cBosnBC47cBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4pjRD4jiBCokiBD4jiBCokiBD4tjB\
        CokiBD4jiBCokiBD4jiBCoy6CD49tBCookhCD4rnBCo+YDA;HDn9oBhmqBhljB0Bhq4nhoEBwnxpCC4rnBBo8cC4rnBBo02vBC4l5HB4nwUCoyb\
        Bo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC41nDBokiBC4jiBBokiBC\
        4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6gBC4nl/BBo+YC4zsB;GEv1oBhm\
        qBhljBhkcjBhq4nhoEBwnxpCC4rnBBo8cC4rnBBo02vBC4l5HB4nwUCoybBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4j\
        iBBokiBC4jiBBokiBC4jiBBokiBC4lwHBokiBC4jiBBokiBDwjiBCokiBD4jiBComitCBo+YCA;HEh8nBhmqBhljBhkcThq4nhoEBwnxpCC4rnB\
        Bo8cC4rnBBo02vBC4l5HBo2qSC41jgBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCogxnCD4rnBCo+YDA;HE/gpBhmqBhljBhkcmBhq4nhoEB\
        wnxpCC4rnBBo8cC4rnBBo02vBC4l5HBosnBC47cBomiOC47cBosnBC47cB41oBCoybBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC4tj\
        BBokiBC4xbBo2oBC4jiBBokiBC4jiBBokiBC4x2KD4jiBCokiBD4jiBComitCBo+YC4zsB;HEjzoBhmqBhljBhkcsBhq4nhoEBwnxpCC4rnBBo8\
        cC4rnBBo02vBC4l5HBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC4tjBBok\
        iBC4jiBBokiBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4pjRD4jiBCokiBD4jiBComitCBo+YDA;AEAho4BhnxBhmqBuDhogxhqIBw0rpB\
        C4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBDwjiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD\
        4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD\
        4rnBComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YD4zs\
        BCo0XD4zsBCo0XD4zsBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo\
        0XD4zsBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD;HEAhkchljBhmqBoCh4pqu2HBw54GCou84BB4jiBCokiBB4jiBCoki\
        BB4jiBCokiBB4jiBCokiBB4tjBCo6gBB4tjBCokiBB4jiBCokiBB4jiBCokiBB4jiBCokiBB4jiBCokiBB4tjBCo6gBB4tjBCokiBB4jiBCokiB\
        B4jiBCokiBB4jiBComeB4hmBComeB4rnBCo8cB4rnBCo8cB4rnBComeB4hmBComeB4hmBComeB4rnBCo8cB4rnBCo8cB4rnBComeB4hmBComeB4\
        hmBComeB4hmBComeB4rnBDw8cC4nkCB4rnBComeB4hmBComeB4hmBComeB4rnBCo8cB4rnBCo8cB4rnBCo+YBA;AD9/jBhljBhkcV9vz2i9FBln\
        y1v0DC4j3BBoqWC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBB;EF23pDrg/B\
        ho4BhnxBhp/BvCj93j5pDBpv6w49BC39znguCD4l5HCosuyBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCokND4j3BCoqWD49tB\
        CokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCosmDD4jiBCokiBD4tjBCo6gBD4tjBEwkiBC4jiBEokiBC4jiBEokiBC4jiBEomeC4hmBEo\
        meC4rnBEo8cC4rnBEo8cC4rnBEomeC4hmBEomeC4hmBEomeC4rnBEo8cC4rnBEo8cC4rnBEomeC4hmBEomeC4hmBEomeC4hmBEomeC4rnBEo8cC\
        4rnBEo8cC4rnBEomeC4hmBEomeC4hmBEomeC4rnBEo8cC4rnBEo8cC4rnBEo+YCA;HEtmoBhmqBhljBhkcxDhq4nhoEBwnxpCC4rnBBo8cC4rnB\
        Bo2nDC4hXBo8hqBC47cBokZC4l5HB5ymziBCpl54FBo4rIC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4jiBBokiBC\
        4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4h/OD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCoy6CD49tBCo\
        kiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCom\
        eD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4\
        rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;HE54nBhmqBhljBhkc1Chq4nhoEBwnxpCC4rnBB\
        o8cC4rnBBo02vBC4l5HBokqwBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6\
        gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC\
        4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4nk\
        CD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;ADp+fp9YhkcCpukykiHB4zdC;AE5jkBplkBhljBhkcQ57q0xzEBxx\
        u09iBC53ksr3BD47QComhBD4jiBCokiBD4jiBCo6+hDD47QCoyzBD47QCo08FD47QCoihID47QC;ID1t3Bho4BhnxB8DhsmohoEBwnxpCC4rnBB\
        o8cC4rnBBo02vBC4l5HB5kn1zECpz8owBBg46CCgybBg2oBCg8cBgsnBCg8cBgsnBCg8cBgsnBCg8cBgsnBCg8cBg2oBCg8cBgsnBCg8cBgsnBC\
        g8cBgsnBCg8cBgsnBCg8cBg2oBCgybBg2oBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBg6gBCgujBBokiBC4jiBBokiBC4jiBBokiBC4jiBB\
        okiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBoki\
        BC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBB\
        omeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8c\
        C4rnBBo8cC4rnBBo+YCA;AD53QhjVhiOpB5nth2gGBp2wzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPB\
        og/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41TBoywBC4pWBowkMC4pWBos5HC4xbBogqBC4zCBo+\
        iCC4zXB;AEpuoBxuoBhmqBhljBQpmv0xzEBpou40zCCx314ipCD4/6DCoy3ID4xSCo2xBD4xSCon1YD4gyBCoySD49xICou2RD45gBC4snBDw7c\
        C;ADpkchkchjVfp04h2gGB5qszshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+\
        tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBo6lMC4zXB;ADp0chkchjVDpk9m17FB5/ym1hEC45gBB;GDx2tBhmqBhljBfhmmz3vGB\
        wq5tEC4rnBBoo9PC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBoujBC4xbBoujBC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnB\
        Bo8cC4rnBBomeC4hmBBomeC4hmBB43M;ADp8xBhnxBhmqB9Bhntz3vGBgs0LC4jrHBokfC47cBoqiBC4hxVB4ivzDC4hmBBomeC4hmBBomeC4hm\
        BBomeC4rnBBo8cC4rnBBoujBC4xbBoujBC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBB\
        o8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBB;GD\
        nipBhmqBhljBwCn290vrEB7xx7l9BC4rnBBo8cC4rnBBo02vBC4l5HBosnBC47cBoi8pBC4tjBBo0qFC4t0JBokNC4j3BBoqWC49tBBokiBC4tj\
        BBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBB\
        omeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8c\
        C4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YCA;ADpgqBhmqBhljB5Bhmmz3vGBw+rgEC4p6BBo23cC4hmBB\
        omeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBoujBC4xbBoujBC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBom\
        eC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4\
        rnBBo8cC4rnBB;EFsirD119Bho4BhnxBhp/BpBj93j5pDBzk5w49BCto1nguCD4l5HCosuyBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCoki\
        BD4jiBCokND4j3BCoqWD49tBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCo8vkCE\
        o+YC4zsBEo0XC4zsBEo0XC4h7BEA;AEpvuBhnxBhmqBhljBkChntz3vGBgs0LC4jrHBokfC47cBoqiBC490OD4naCo+jDD4lVCou5FD41ZComsM\
        D4vfC4g5hDD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCoujBD4xbCoujBD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo8cD\
        4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hm\
        BComeD4hmBComeD4rnBCo8cD4rnBC;MExqahkchjVhiOrBxyk087FBxpm9xhECos6OD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBCome\
        D4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4r\
        nBCo8cD4rnBCo8cD4rnBCo+YDA;JE5rehljBhkchjVwE57vzkoEBppkr6iBCok8hBD43kBCgupfD4hRComzBD4hRComzBD4hRComzBD4hRComzB\
        D4hRComzBD4hRCo2xBD4pWCo6sBD4tXComqBD4rbCwqZD4l5HCosnBD47cCosnBD47cCosnBD47cCosnBD47cCo2oBD4xbCo2oBD47cCosnBD47\
        cCosnBD47cCosnBD47cCosnBD47cCo2oBD47cCosnBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCoki\
        BD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCosmDD4jiBCokiBD4jiBCokiB\
        D4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBComeD4\
        hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBC565waD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4r\
        nBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCp92xK;AE5gvBhnxBhmqBhljB+Bhmmz3vGBos0LC4jrHBo\
        kfC47cBoqiBCow73DD4rnBCoo9PD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCoujBD4xbCoujBD4hmBComeD4hmBComeD4rnBCo8cD4\
        rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnB\
        Co8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBC;AHnrahkchjVxzYxyRhiOxxK1Cn78hzsGB74p1tGC4piBDkqiBC8jiBDkqiBC8jiB\
        DkgnQC87cDksnBC87cDksnBC87cDksnBC87cDk2oBC8xbDk2oBC8xbDkujBC8jiBDksnBC87cDkoXC839CE87QCki1iBE85gBCk6LF4lJCo67KF\
        45gBCo02FE8njBCk0/CF4rJCoq/DF43PCosmDG0vKEo6gBCkgVF4rSCok2DF4tOComzBF4hRCo61BF4tOCowKF4r8BCouyQF4nOCo61BF43PCo0\
        sBF4pWCo0sBF49YCo0sBF4zXCoqrBF49YCou3YFoujBCo4kBF47cCoimBF4leCosnBF47cCosnBF47cCosnBF4leCoimBF4leCoimBF4leCosnB\
        F47cCosnBF47cCosnBF47cC;HD5mlBhljBhkcqF5u1x+8EBpoto5rBC43kBB0hdC8lnBB4ujBCoxbB4qrBC4hXBomtBC4zXBo0sBC4zXBoqrBC4\
        naBogqBC4naBogqBC4naBogqBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cB\
        osnBC47cBosnBC47cBo2oBC4xbBo2oBC4tzLBosnBC47cBosnBC47cBosnBC47cBosnBC41oBBo8cC4rnBBo8cC47cBosnBC47cBosnBC47cBos\
        nBC47cBosnBC47cBo2oBC47cBosnBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4\
        tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4t\
        jBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmB\
        BomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8\
        cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YCA;HDl2iBhljBhkcuFhpxnhoEBwnxpCC4rnBBo8cC4rnBBo\
        8cC41oBBo6gBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnB\
        C47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBokZC4l5HBosnBC47cBosnBC47\
        cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4\
        jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4j\
        iBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBB\
        okiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rn\
        BBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo\
        8cC4rnBBo+YCA;EG8m7ClxtChrtChqmChp/Bho4BxCj93j5pDBjgpx49BC9v6nguCD4l5HCosuyBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiB\
        CokiBD4jiBCokND4j3BCoqWD49tBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBE4j\
        iBF4jiBEokiBF4jiBEokiBF4jiBEomeF4hmBEomeF4rnBEo8cF4rnBEo8cF4rnBEomeF4hmBEomeF4hmBEomeF4rnBEo8cF4rnBEo8cF4rnBEom\
        eF4hmBEomeF4hmBEomeF4hmBEomeF4rnBEo8cF4rnBEo8cF4rnBEomeF4hmBEomeF4hmBEomeF4rnBEo8cF4rnBEo8cF4rnBEo+YFA;ADpmPhiO\
        hhHnBp2rh2gGB5mrzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+\
        tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41TBoywBC4pWBom0UC4xbBogqBC4pBBookCC4zXB;GD32vBhnxBhmqB+Chr/nhoEBwnxpCC\
        4rnBBo8cC4rnBBo02vBC4l5HBo8luBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokNC4j3BBoqWC49\
        tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4ji\
        BBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBo\
        meC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsB;GExv\
        vBhnxBhmqBhljB3Chr/nhoEBwnxpCC4rnBBo8cC4rnBBo02vBC4l5HBo8luBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC\
        4jiBBokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tj\
        BBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4nkCD4rnBCo8cD4rnBCo8cD4rnBCom\
        eD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;GEnxvBhn\
        xBhmqBhljB3Chr/nhoEBwnxpCC4rnBBo8cC4rnBBo02vBC4l5HBo8luBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiB\
        BokiBC4jiBBokNC4j3BBoqWC49tBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBok\
        iBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBom\
        eC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4nkCD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;GEp+wBhnxBhm\
        qBhljB6Bhntz3vGBgs0LC4jrHBokfC47cBoqiBCokgpED4hmBComeD4hmBCookCBomeC4rnBBo8cC4rnBBoujBC4xbBoujBC4hmBBomeC4hmBBo\
        meC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBooaC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC\
        4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XCojxB;AFx7Zp8Zp7ZxzYhjVExrguh7FB5w+yktBChvw/mUDpwiwrpCE;HE\
        h9hB57hBhljBhkctBh1o0xzEB5qp98yBCptqz18DD45gBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCwmeDgsnBCg8cDgsnBCg8cDgsn\
        BCgmeDgimBCgmeDgimBCgmeDgsnBCg8cDgsnBCg8cDgsnBCgmeDgimBCgmeDgimBC4n9PD4rnBCo8cD4rnBC4wvLD4zsBCo0XD4zsBCo0XD4zsB\
        Co0XD4zsBCom9CDA;ADh5fhljBhkcfhp8h2gGBh3vzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/B\
        C4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoyzrBC4twLB;ADx+dhkchjVdxu6h2gGBxwqzshBCg7hBBo2iBC4\
        3hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC4\
        1TB;AF5nhBrkhBhljBhkchjVzD5/n0xzEBz00k1lBC3gvylMBr3+/jED3vnuwBBrgj4rPD33ijjBCo2cD43nBCo2cD43nBCo2cD43nBCo2cD49n\
        BCo2cD4v7UCouLD4v/JCgyJDgo9tBE4xbDo0sBE4zXDo4kBE47cDosnBE47cDo2oBE4xbDoimBE4leDo2oBE4xbDo2oBE47cDosnBE47cDosnBE\
        47cDo2oBE4xbDo2oBE4xbDo2oBE47cDosnBE47cDosnBE47cDosnBE47cDo2oBE4xbDo2oBE4xbDo2oBE4jiBDokiBE47cDosnBE47cDo2oBE4x\
        bDoujBE45gBDo2oBE47cDosnBE47cDosnBE47cDosnBE47cDo2oBE4xbDo2oBE4vfDo4kBE47cDo4kBE4tjBDoujBE47cDo2oBE4xbDo2oBE4xb\
        Do2oBE4xbDo2oBE47cDosnBE47cDosnBE47cDo2oBE4xbDo2oBE4vfDo4kBE47cDosnBE45gBDoujBE4rnBDo2TE4nvBDo0XE4zsBDo+YE4prBD\
        o+YE4vzDDoiRE;ADpxtBhmqBhljBiFppxq9uEB50l1j2BC4xbB40rDC43kBBow2nBC49YBourJC4l5HBogqBC47cBo4kBC47cBosnBC47cBosnB\
        C47cBo8oBC4vcBoynBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC47cBosnBC47cBosnBC47cBosnBC4jiBBokiBC47cBomxFC4\
        xbBomxFCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCguj\
        BBg6gBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBg6gBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgmeCgimBB\
        gmeCgsnBBg8cCgsnBBg8cCgsnBBgmeCgimBBgmeCgimBBgmeCgsnBBg8cCgsnBBg8cCgsnBBgmeCgimBBgmeCgimBBgmeCgimBBgmeCgsnBBg8c\
        CgsnBBg8cCgsnBBgmeCgimBBgmeCgimBBgmeCgsnBBg8cCgsnBBg8cC4rnBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4z\
        sBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBB\
        o0XC4zsBBo0XC;GDAhmqBhljBmChgwpyxIBg25gBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC\
        4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBB\
        omeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4zrDBomeC4hmBBomeC4hmBBome\
        C4rnBBo8cC4rnBBo8cC4rnBBo+YCA;ADxrQhjVhiOnBx7sh2gGBxixzshBCg7hBBo2iBC43hBBow1jBCgwZBg+qBC41WBo4tBC47WBo4tBC47QB\
        o6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41TBoywBC4pWBom0UC4xbBogqBC4pBBoo\
        kCC4zXB;AD5hxBhnxBhmqB0B5xiugxFBpnus3XC43kBB450YC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBo+rFC4jiBBokiBC45gBBou\
        jBC4jiBBoujBC4jiBBokiBC4jiBB4wWC4l5HBo4kBC4jiBBo4kBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBo\
        snBC47cBosnBC47cBo2oBC47cBosnBC47cBo0rDC4jiBBokiBC;GDAhmqBhljBkCh45lggIBgo50BC4jiBBokiBC4jiBBokiBC4jiBBokiBC4ji\
        BBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiB\
        BomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBom\
        eC4rnBBo8cC4zrDBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cCgqgC;ADx0ZhkchjVexk2h2gGBx6uzshBCg7hBBo2iBC43hBBow1jBCg\
        wZBg+qBC41WBo4tBC47WBo4tBC47QBo6hXC4xPBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoyzrBC;N\
        ErkhBhljBhkchjVgEr084m5FB3gvylMAr3+/jEC3vnuwBArgj4rPC33ijjBBo2cC43nBBo2cC43nBBo2cC43nBBo2cC49nBBo2cC4v7UBouLC43\
        uID4tICoqoBBgyJCgo9tBD4xbCo0sBD4zXCo4kBD47cCosnBD47cCo2oBD4xbCoimBD4leCo2oBD4xbCo2oBD47cCosnBD47cCosnBD47cCo2oB\
        D4xbCo2oBD4xbCo2oBD47cCosnBD47cCosnBD47cCosnBD47cCo2oBD4xbCo2oBD4xbCo2oBD4jiBCokiBD47cCosnBD47cCo2oBD4xbCoujBD4\
        5gBCo2oBD47cCosnBD47cCosnBD47cCosnBD47cCo2oBD4xbCo2oBD4vfCo4kBD47cCo4kBD4tjBCoujBD47cCo2oBD4xbCo2oBD4xbCo2oBD4x\
        bCo2oBD47cCosnBD47cCosnBD47cCo2oBD4xbCo2oBD4vfCo4kBD47cCosnBD45gBCoujBD4rnBCo2TD4nvBCo0XD4zsBCo+YD4prBCo+YD4vzD\
        CoiRD4lzBCoiRD4lzBCoiRD4zsBCo8cD4rnBCo8cD4rnBCo8cD4rnBComeDA;AFx4gBh6gBhljBhkcx0fRxwn0xzEBx1ygrxCCh3kkl/BD41WCo\
        i2FE8jWCkkuBE8pQCko1BE8rPCk80BE83PCkw0BE89PCkq0BDoi13BCgyGD;ADp7VhjVhiO7Cpryh2gGB5yrzshBCg7hBBo2iBC43hBBow1jBCg\
        wZBg+qBC41WBo4tBC47WBo4tBC47QBog5WC4rYBog/BC4nLBo4tBCg8QBg+tBC4vWBo+tBC41WBoq6lBC49YBogqBC4/UBouvBC41TBoovBC41T\
        BoywBC4pWBoovBC4pWBo+tBC4/UBoywBC4rSBoywBC4zXBo0sBC4zXBo0sBC4pWBo0sBC49YBowrBC4rbBogqBC49YBogqBC4xbBogqBC49YBo0\
        sBC4zXBoywBC41TBo+tBC4pWBo+wBC4zUBo0sBC4zXBoywBC4/UBoqrBC4zXBo+tBC4pWBo+tBC4zXBo0sBC4zXBo0sBC49YBo0sBC4pWBo+tBC\
        4pWBo+tBC4zXBo0sBC4zXBo0sBC4zXBo0sBC4zXBoywBC41TB;KExpKhiOhhHA5Cxh/4wlGBxix053DCg6gBBwjiBD4jiBCgkiBDgkiBCgkiBDg\
        kiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgk\
        iBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2o\
        BCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg\
        8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8c;EFuqpDzt/Bho4BhnxBhp/BxCj93j5pDBk7omCCvwznguCD4l5HCosuyBD4jiBCo\
        kiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCokND4j3BCoqWD49tBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiB\
        D4jiBCokiBD4tjBCo6gBD4tjBEwkiBC4jiBEokiBC4jiBEokiBC4jiBEomeC4hmBEomeC4rnBEo8cC4rnBEo8cC4rnBEomeC4hmBEomeC4hmBEo\
        meC4rnBEo8cC4rnBEo8cC4rnBEomeC4hmBEomeC4hmBEomeC4hmBEomeC4rnBEo8cC4rnBEo8cC4rnBEomeC4hmBEomeC4hmBEomeC4rnBEo8cC\
        4rnBEo8cC4rnBEo+YCA;OF52Y51RxzYxyRxxK4F5gq16mGB4reAomnBB43kBAw5jBB4xSAowxBB4jiBAokiBB4jiBAoujBB45gBAoujBB45gBAo\
        ujBB45gBAoujBB45gBAoujBB4jiBAokiBB4jiBAoujBB45gBAoujBB45gBAoujBB45gBAoujBB45gBAoujBB4jiBAoujBB45gBAoujBB45gBAww\
        cC5z8iGD45gBCw4kBD4xbCo2oBD4xbCo2oBD4xbCogqBD4naCogqBD4xbCo2oBD4xbCo2oBDokoHCogqBD4xbCo2oBD4xbCo2oBD4xbCo2oBD4x\
        bCogqBD4xbCoimBD47cCosnBD47cCosnBD47cCosnBD47cCosnBD47cCo2oBD47cCosnBD47cCosnBD47cCosnBD47cCosnBD4tjBCokiBD4jiB\
        CokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBC\
        okiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCo\
        kiBD4jiBCokiBD4jiBCokiBD4jiBC565waD4hmBComeEwrnBCw8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnB\
        ComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YD4zsBCo0\
        XD4zsBCo0XD4zsBCo+YD4zsBCo0XDpzvsmB;ADxxyBhnxBhmqBWxhkugxFBx3ss3XC43kBBo86xBC4l5HBosnBC4vfBo4kBC47cBosnBC47cBos\
        nBC47cBo4nQC4jiBBosmDC4jiBBokiBC47cBo2oBC4xbBo61WC;ADp8oBhmqBhljBHp0+oquGB55o6p8DC4xbBo2oBC4xbBom2lBC4nRB;JD5ng\
        BhkchjViB5/05wlGBpuh0usEC4jiBBokiBC4jiBBoujBC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rn\
        BBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBo+YCA;AD525Bho4BhnxBmF5u0tooEBprjtvgCC43kBBo86xBC4l5HBo\
        snBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBosnBC47cBosnBC47cBo2oBC47cBosnBC47cBosnB\
        C47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiB\
        BokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBB\
        okiBC4jiBBokiBC4tjBBo6gBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4h\
        mBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4hmBBomeC4rnBBo8cC4rnBBo8cC4rnBBomeC4hmBBomeC4hmBBomeC4rnBB\
        o8cC4rnBBo8cC4rnBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0X\
        C4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo+YC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC4zsBBo0XC;AE5p/Bhp/Bho4BhnxB7C5p+xxnFB\
        pxgpmhBC43kBBosnBCo/dB4w1vBC4l5HB4h8pBDgujBBgqWCo+peD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCoki\
        BD4jiBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4\
        hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo+YD4zsB\
        Co0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo+YD4zsBCo0XD4zsBCo0XD4zsBCo0XD4zsBCo0XD;EEionD/vhChp/Bho4BxCj93j\
        5pDB9+8w49BCjv4nguCD4l5HCosuyBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCokND4j3BCoqWD49tBCokiBD4tjBCo6gBD4t\
        jBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBComeD4hmBComeD4rnBC\
        o8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8c\
        D4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;ADAgo4BgrtCRho/ykoJBw2p3CCo7ZB48wDC49VB4v/JCo2+CB4snBC\
        gleB42lBCondB5ztziBCpxrwaB5ulvhBCpxrwaB5ulvhBCpsmhaB;ADAgnxBgljBHhg5o0xIBok2QA4njJB48j3CCogbB43vDCo+VB;ADw/kCg/\
        kCgqmCCxgmx3gEBxol9mcC;PDAgqmCgrtC6ChgkshmFBgqmkBCg6gBBwlqEAw+g+BBg04pBCgkiBBgsnBCg+YBgqrBCg+YBgqrBCgoaBgqrBCgq\
        WBg+tBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg+YBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg8cBg2oBCgybBg2oBCg0XBg\
        0sBCg0XBg0sBCg0XBgqrBCgybBggqBCgybBggqBCgoaBggqBCgoaBggqBCg8cBgujBCg6gBBgujBCg6gBBgujBCg6gBBgujBCg6gBBgujBCgkiB\
        BgujBCg6gBBgujBCg6gBBgujBCg6gBBgujBCg6gBBg8cCgsnBBg4kBCg6gBBgujBCg6gBBgujBCg6gBBgujBCg6gBBgujBCgkiBBgkiBCg6gBBg\
        4kBCgkiBBgkiBCgkiBBgkiBCoj1C;ADAgmqBgljBChoy4ksIBg/k3DC;QFw9xCw7wCw83Cgs0Cgt7C/Cxq/03rDBhkz1/uDC4pWBogqBD87cBks\
        nBD87cBksnBD87cBksnBD8leBkimBD8leBkimBD8hmBBk8cD8rnBBk8cD8rnBBk8cD8rnBBk8cD8rnBBk8cD81oBBkybD81oBBk8cD89+oCEggV\
        Dg+tBEg+YDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg+YDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0\
        sBEg+YDg0sBEg0XDg2oBEgmeDgimBEgmeDgimBEgmeDgimBEgwfDg4kBEgwfDg4kBEgwfDg4kBEgwfDgimBEgmeDgimBEgmeDgimBEgwfDg4kBE\
        gwfDg4kBEgwfDgimBEgmeDgimBEgmeDgimBEgwfDg4kBEgwfDg4kBEgwfDg4kBEgwfDg4kBEA;AEAhjVhkchiOxChwv6zgJB4iLCo4qBB41ZCo4\
        qBB41fCokiBB4tjBCokiBB4jiBCokiBB4xmJD4rSBo8jRCoseB47cCosnBB47cCo2oBB4xbCo2oBB4xbCo2oBB4jiBCokiBB47cCosnBB47cCo2\
        oBB4xbCoujBB45gBCo2oBB47cCosnBB47cCosnBB47cCosnBB47cCo2oBB4xbCo2oBB4vfCo4kBB47cCo4kBB4tjBCoujBB47cCo2oBB4xbCo2o\
        BB4xbCo2oBB4xbCo2oBB47cCosnBB47cCosnBB47cCo2oBB4xbCo2oBB4vfCo4kBB47cCosnBB45gBCoujBB4rnBCo2TB4nvBCo0XB4zsBCo+YB\
        4prBCo+YB4vzDCoiRB;ACAhjVBhwvgh3JB;AC48VgjVBpr0kk/HB;RBAAhw8sisL;ADAgnxBgljBEh495rzIBomqtCA4nzBB44q+BC;CEwoGghH\
        giOgjV8Bx/ph15EBx26mtrBCo2cBw+kBCg8cBgsnBCg8cBgojuBCgmxFBgybCgujBBgkiBCgkiBBgkiBC43JDgiXCoqKBgybCgghBBo+hBC4xGD\
        4lJCosSBg4kBCgwfBgujBCg6gBBgwphCCg6gBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgki\
        BCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;AEoikBgljBgmqBgnxBzB5929j0G\
        Bp15pxLC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCoo\
        kCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg\
        8cDgsnBCg8cDg2oBCw9rpBB;ADg7QgiOgjV2Chtkn1gHBhxx65vCC49VBo4nBC41cBo4nBC41cBo+nBC4viBBo+hBC41cBoynBC41cBoq9NC4pi\
        BBo2iBC4jiBBokiBC4jiBBokiBC4tjBBo+nBC4pcBoimBC4leBoskBC4xeBo4kBC45gBBokiBC4jiBBokiBC4vfBoimBCgmeBgimBCgwfBg4kBC\
        gwfBg4kBCgwfBg01BCg+PBgojBCgqiBBg+hBCgqiBBgkiBCgkiBBgkiBCgsnBBg8cCgimBBgwfCgkiBBgkiBCgsnBBg8cCgsnBBg8cCg2oBBgyb\
        Cg2oBBgybCg2oBBg8cCgsnBBg8cC4j2DBosSCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgqWC;A\
        FomzCgs0Cgt7CguiDgrtC9B55n8j0GBpy3pxLC4x1sDD4piBCoukCBokiBC4piBBoqiBCwkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgk\
        iBBgkiBCgkiBBgkiBCgujBBookCEggVB4jNCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgyb\
        Cg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBoylCEgybB;AEgyXgkcgljBgm\
        qBvBhuj+j0GBhm0pxLC473tDD4tkCCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCo\
        okCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBBokiBCgkiBBgujBCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBB\
        g8cCgsnBBg8cC;AEw5agkcgljBgmqBwBxmg+j0GBxt3pxLC4x1sDD43mDCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgki\
        BDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oB\
        CgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBC;AE4rbgkcgljBgmqBYp0/9j0GB5/3pxLC4x1sDD4piBCokiBD4piBCokiBD4piBCo\
        qiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC;AFgrYgjVgljBgmqBgkcuBh1i+j0GBhg8\
        pxLCw73tDD4tkCCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCEggVC4jNDgki\
        BCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCoylCEgybCg2oBEgybCg2oBEg8cCgsnBEg8cCgsnBEg8cC;AEo6U\
        g6UgjVgkc2B59xyxzEBpwlm10BCh31gg5DD41cCo+hBD4viBCoqiBD4piBCokiBDo+hBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgk\
        iBDgujBCwqiBDgqiBCgqiBDgqiBCgkiBDgqiBCgkiBDgqiBCgkiBDgqiBCgqiBDgqiBCgkiBDgqiBCgkiBDgqiBCgkiBDgqiBCgqiBDgqiBCgki\
        BDgqiBCgkiBDgqiBCgkiBDgqiBCgqiBDgqiBCgkiBDgqiBCgkiBDgqiBCgkiBDgqiBC;ADglYgkcgjVChzni/rGBh56/yiDC;AE4rXgjVgkcglj\
        BgCp0j+j0GB5w7h49BC4txzBD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCg\
        kiBDgujBCookCBgkiBCwqyIDgsnBC47cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCg\
        ybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDgsnBC;AC4jvBgnxBBp8shusGB;A\
        EoonBgmqBgnxBgo4BiC5/3t7rGBpyx55TC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDg\
        kiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDo5LCgrWBgujBCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oB\
        BgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybC4t1HBok\
        hDC;SDw0QgiOgjVgCxr6y3gEBxyw61rCC4xnBBogeC4piBBo0gBC43kBBo4kBC4xbBo2+nCC41cBo4nBC41cBo4nBC41cBo+nBC41cBo4nBC41c\
        Bou+WC49SBo4nBC41cBo4nBC41cBo4nBC41cBo+nBC41cBo4nBC41cBoynBC41cBow+LC4vfBo+kBC4vfBo+kBC4vfBo+kBC4vfBo+qBC41ZBo0\
        mBC45dBo+kBC4vfBo+kBC4vfBoklBC4ndBo6gBC4jiBBokiBC4jiBBokiBC4jiBBoujBC4jiBBokiBC4jiBBokiBC4jiBBokiBCA;AEg/iBgljB\
        gmqBgnxByBhh49j0GBhy4pxLC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBD\
        gkiBCgkiBDgujBCg6+BB4lqBC4vfBo4kBC4vfBo4kBC4vfBo4kBC4vfBo4kBC45gBB8kiBC4rnBBo8cC4rnBBo8cC41oBBoybC41oBBoybC41oB\
        Bo8cC4rnBBo8cC4rnBBo8cC41oBBoybC;AFg3zBw30Bgo4Bgz6Bgp/BShp8/x3GBxvg17MC874FDh95/OChzoqtBDh95/OCh7/ktBDh95/OCh7/\
        ktBDh95/OCh7/ktBDh95/OChzoqtBDh95/OCh7/ktBDh95/OChryxKE4v0HC;AFwtpBgtpBs0lBw1mBw2tBHxilg4wCBxwp3ldC14o32jCD92n3\
        njCE4rqBDouUE431GD;AEgm1Bgo4Bgp/BgqmChCh61n8rGBh2l/4TC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDg\
        kiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBC\
        g8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8c\
        Dg2oBCgybD4t1HBwkhDC;AEojyBgnxBgo4Bgp/ByB5kwn7wFBpk3/moEC4nnLD4piBCoqiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiB\
        D4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCoujBD4jiBCokiBD4jiBCokiBD4jiBC4gxFD\
        47cCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCoulSDojiBC4kiBDojiBC;ADu94Bgo4Bgp/Bdzy6wnoFBv1vlsiBC4hgBB\
        ounsBC4jZBo2cC4vrBBo8QC4z1HBo6vBC4haBo4kBC4vlBBokiBC41cBo4nBC4hFB4shvCC49YBosnBC47cBo2oBC4xbBo2oBC47cBosnBC47cB\
        osnBC47cB;AF4tlBoulBw1mBgmqBw2tBIpyly3gEBx/x88wBC5wvx3jCD85sBEs+1GC43psDE87cDksoUC;AGosqBgtpBw2tBw1mBgmqBgnxBH5\
        r8xxzEBp//zqhDCxm1nlBDouUC43tTE8hx7DFgykBE;ADwgRgiOgjV4Dx3ui/rGBxgi6RC4vfBo4kBC4vfBo4kBC4vfBo4kBC45gBBo4wyCC4hd\
        Bo4nBC4vcBokoBC41cBo4nBC4vcBo0mBC4/dBo4nBC41cBo+nBC41cBo4nBC41cBo4nBC41cBo4nBC41cBo+nBC41cBo4nBC41cBo4nBC41cBo4\
        nBC41cBo+nBC41cBo4nBC4hXBostBC4hXBom7JC45gBBo6jBC45gBBoq+CC4hsBBo6aC43tBBowZC4jrBBoqcC4viBBokiBC4jiBB4piBC4piBB\
        o0jBC4/gBBoghBC4piBBoojBC4piBBokiBC4piBBoqiBC4piBBo+hBC4viBBo4hBC41iBBokiBC4piBBoqiBC4piBBokiBC4piBBokiBC4piBBo\
        kiBC4piBBoqiBC4piBBokiBC4piBBokiBC4zgBBoujBC41oBBo8cC4xnBBosbC41oBBo8cC4rnBBo8cC4rnBBo8cC4rnBBo8cC4rnBBo8cC41oB\
        BoybC41oBBoybC41oBBo8cC4rnBBo8cC4rnBBo8cC4rnBBo8cC41oBBoybC41oBBoybC;AD476Bgo4Bgp/BEhgow98FB4rwgCCg2lpCBoql0BC;\
        ACw9ZgkcBx6li/rGB;AEgogBgljBgmqBgnxBXh469j0GBh71pxLC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgki\
        BCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCowgCB;TDo9PgiOgjV1C5io0vvGBp7o6ukDC4jiBBowoBC49bBo0gBC45gBBoujBC4piBB\
        o+hBC4jiBBoujBC45gBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBo\
        kiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBoujBC4jiBBokiBC4jiBBokiBC4snBBg8cCg2oBBgybCg2oBBgybC\
        g2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsn\
        BBg8cCgsnBBg8cCgsnBBg8cCg+sDBA;UDglQgiOgjVyJhr+s4nFBhliyzqCCg8WBg6ICg8lEBgqcCgkoBBgwcCgkoBBgkfCgqlBBgkfCgqlBBwx\
        wWC4/aBo4nBC41cBw4nBCowcB4joBCowcB49nBCowcB49nBCowcB49nBCowcB4joBCowcB49nBCowcB49nBCo2cB43nBCwxGBoulPC4rSBoujBC\
        49YBoqxKCg8HBgs5HCggVBgqrBC4naBoywBC4/UBoopBC4pcBosnBC4xbBo0sBC4zXBoimBC47cBosnBC4leBosnBC4leBognBC4ndBognBC49b\
        BoqoBC4ndBoqoBCgwfBg4kBCgwfBg4kBCgwfBgsnBC4jiBBoujBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBCgwfBg4kBCoogBB4xhBC\
        4zgBBo6jBCo+eB49kBC47cBosnBCgmeB5j5zhBCpznyWB589smBCprkjUBostBCg6gBBgujBC4jiBBokiBC4rnBBoidCgmnBBoidC41oBBoybC4\
        1oBBoybC41oBBg2cC4xnBBo8cCgsnBBg8cCgwoBBg+bCowoBBokiBC4jiBBo6gBC4tjBBowfC43kBBo8cC4rnBBo8cC41oBBoybC41oBBoybC41\
        oBBo8cC4rnBBo8cC4rnBBo8cC41oBBoybC41oBBoybC41oBBoybC41oBBo8cC4hmBBomeC43kBBowfC4jiBBokiBC45gBBoujBC4leBomJC4pBB\
        o8cC4xbBo8HC49DBo8cC4naBo8HC4nFBo8cC4zXBomJC4xGBo8cC4pWBo8HC4vKBoybC4/UBo8HC45LBoybC4rSBomJC4jNBo8cC43PBo8HC43P\
        Bo8cC4jNBomJC4hRBo8cC45LBo8HC4/UBoybC4vKBo8HC4pWBoybC47HBomJC4zXBo8cC4nFBo8HC4naBo8cC4zCBomJC4xbBo8cC4pBBomJC47\
        cBo4kBC45gBBokiBC4jiBBowfC43kBBomeC4hmBBo8cC4rnBBo8cC41oBBoybC41oBBoybC41oBBoybC41oBBo8cC4rnBBo8cC4rnBBo8cC41oB\
        BoybC41oBBoybC4rnBBomeC43kBBowfC4tjBBo6gBC45gBBoujBC4vfBo8HC4pBBoybC4leBo8HC4zCBoybC4xbBomJC49DBo8cC49YBo8HC4xG\
        Bo8cC4pWBomJC47HBo8cC4/UBomJC4vKBoybC41TBo8HC4jNBoybC4hRBomJC4tOBo8cC4tOBo8HC4hRBo8cC4jNBo8HC4rSBo8cC4vKBomJC41\
        TBo8cC4lJBo8HC4zXBoybC4xGBomJC49YBoybC4nFBomJC4naBo8cC4zCBo8HCA;UDuuQgiOgjV0Jzh+s4nFBvuiyzqCCg8WBg6ICg8lEBgqcCg\
        koBBgwcCgkoBBgkfCgqlBBgkfCgqlBBwxwWC4/aBo4nBC41cBw4nBCowcB4joBCowcB49nBCowcB49nBCowcB49nBCowcB4joBCowcB49nBCowc\
        B49nBCo2cB43nBCwxGBoulPC4rSBoujBC49YBoqxKCg8HBgs5HCggVBgqrBC4naBoywBC4/UBoopBC4pcBosnBC4xbBo0sBC4zXBoimBC47cBos\
        nBC4leBosnBC4leBognBC4ndBognBC49bBoqoBC4ndBoqoBCgwfBg4kBCgwfBg4kBCgwfBgsnBC4jiBBoujBC4jiBBokiBC4jiBBokiBC4jiBBo\
        kiBC4jiBBokiBCgwfBg4kBCoogBB4xhBC4zgBBo6jBCo+eB49kBC4tdBo6mBCgmeBgimBC47ZB589smBCprkjUBouFC45FBokiBCg6gBBgujBC4\
        jiBBokiBC4rnBBoidCgmnBBoidC41oBBoybC41oBBoybC41oBBg2cC4xnBBo8cCgsnBBg8cCgwoBBg+bCowoBBokiBC4jiBBo6gBC4tjBBowfC4\
        3kBBo8cC4rnBBo8cC41oBBoybC41oBBoybC41oBBo8cC4rnBBo8cC4rnBBo8cC41oBBoybC41oBBoybC41oBBoybC41oBBo8cC4hmBBomeC43kB\
        BowfC4jiBBokiBC45gBBoujBC4leBomJC4pBBo8cC4xbBo8HC49DBo8cC4naBo8HC4nFBo8cC4zXBomJC4xGBo8cC4pWBo8HC4vKBoybC4/UBo8\
        HC45LBoybC4rSBomJC4jNBo8cC43PBo8HC43PBo8cC4jNBomJC4hRBo8cC45LBo8HC4/UBoybC4vKBo8HC4pWBoybC47HBomJC4zXBo8cC4nFBo\
        8HC4naBo8cC4zCBomJC4xbBo8cC4pBBomJC47cBo4kBC45gBBokiBC4jiBBowfC43kBBomeC4hmBBo8cC4rnBBo8cC41oBBoybC41oBBoybC41o\
        BBoybC41oBBo8cC4rnBBo8cC4rnBBo8cC41oBBoybC41oBBoybC4rnBBomeC43kBBowfC4tjBBo6gBC45gBBoujBC4vfBo8HC4pBBoybC4leBo8\
        HC4zCBoybC4xbBomJC49DBo8cC49YBo8HC4xGBo8cC4pWBomJC47HBo8cC4/UBomJC4vKBoybC41TBo8HC4jNBoybC4hRBomJC4tOBo8cC4tOBo\
        8HC4hRBo8cC4jNBo8HC4rSBo8cC4vKBomJC41TBo8cC4lJBo8HC4zXBoybC4xGBomJC49YBoybC4nFBomJC4naBo8cC4zCBo8HCA;AEs/xBgnxB\
        go4Bgp/BI1wuk17FBt39qy7BC432EDgigBBwgsDCg+0RB4t0JCg8hhBB;AE0w1Bgo4Bgp/Bw47BlCh5q9tvFBwmsuCCgoUDk9PCsgrIB47cC8gq\
        BBg+YCgqrBBg8cCgkiBBg8cCgsnBBg8cCgsnBBg8cCgsnBBgmeCgsnBBg8cC4rnBBooaC4/pBBooaC4prBBo+YC4prBBooaC4/pBBooaC4/pBBo\
        oaC4/pBBooaC4prBBo+YC4prBBo+YC4prBBooaC4/pBBooaC4/pBBowfC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiB\
        BokiBC4jiBBokiBC4tjBBokiBC4jiBBokNC4j3BBokiBC4jiBBokiBC4jiBBo8vFC4leB;AE4+qBgmqBgnxBgo4ByBpp3n7wFB5g3/moEC4nnLD\
        4piBCoqiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4\
        jiBCokiBD4jiBCoujBD4jiBCokiBD4jiBCokiBD4jiBC4gxFD47cCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCoulSDoji\
        BC4kiBDojiBC;AEi8wBgnxBgo4Bgp/BgC/7ggjsGBj1hnyTC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgk\
        iBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgs\
        nBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBC\
        gybD4t1HC;AFwyNw2NgiOgjVgkcxDxt9y3gEBhs2065BCx8wgwKD41cCo8uHD4xnBCogeD4piBCo0gBD43kBCoqtDD4taCo4nBD41cCoiyfD4lS\
        CowKD4j3BCogkBD4jxHCoosBD47WCo2lBD4vfCo4kBD4vfCoujBD45gBCo4kBD45gBCo4kBD4vfCo0hXD4v4CCoklBD4haCw6xSDg8cCoybD41o\
        BCoiaD4lqBCooaD4/pBCo8cD43kBCowfD47sLE45LDooqCCg8fDgmeCgqiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDg\
        kiBCgkiBDgkiBCgkiBDgkiBCg6gBDgujBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8c\
        DgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCwybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCg4bDgwoBCgybDg2oBCg8cDgsnBCgidDgmnBCg8cDgg\
        qBCgoaD;AGgiyBgyzBw30Bgp/Bgo4BgnxBHh+75vzGBgi9SCxyyi1RD0/vHCsqyFE87oECkmodF;ADw+hCgp/Bw5iCDx55yjkHBxl8noWC89rpB\
        B;VFswQwvQgiOgjVgkckD1v6y3gEB9ohmvnCCx3kmlqBDg8WCg6IDg8lECgqcDgkoBCgwcDgkoBCgkfDgqlBCgkfDgqlBCg2qDEg+SDguLCg+hB\
        DgwiBCgkfDgwcCgklBDggqBCgmeDgkiBCg6gBDg8cCgmzBDgiRCgmzBDgiRCg8xBDgqWCgsnBDgybCw39jBD4rSCoujBD49YCoqxKDg8HCgs5HD\
        ggVCgqrBD4naCoywBD4/UCoopBD4pcCosnBD4xbCo0sBD4zXCoimBD47cCosnBD4leCosnBD4leCognBD4ndCognBD49bCoqoBD4ndCoskBD41i\
        BCo8iBD4lhBCoijBD47fC4gnBD47cCogqBDw5gBCo2iBD4vfCo8iBD4/jBCoogBD4tjBCoijBD4vfCw6jBD45jBCougBD4viBCo4hBD47fCoskB\
        D45jBCougBD4viBCo4hBD47fCo2lBD4viBCo4hBD4lhBCoijBDA;ADgugBgkcw0fChqmyxzEBhq+sunDC;AE4rqCgrtCgs0Cgt7C+BpskirxGB5\
        gikqOC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookC\
        BggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8c\
        DgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCoylCBgybC;AF4tfw1mBw2tBgljBgmqBKpq3zwzFBpg74ijCC431\
        GBog4MDk4jsDE4jiBDomjME41cDo+eE4vlBD;AC4hpBgmqBBpm2yg7GB;AD4/nBw1mB4toBCp43h/rGBpy52k8DC;AFqx/Bgo4Bgp/BgqmCgrtC\
        iC3urn8rGBrhw/4TC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgki\
        BDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg\
        8cDgsnBCg8cDgsnBCwxMDoqQEg2oBDgybEg2oBDgybEg2oBDgybEg2oBDg8cEgsnBDg8cEgsnBDg8cEg2oBDgybEo7fD4y1GC;AE8wrBgmqBgnx\
        Bgo4BgCl//7/rGB9ypr1TC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgki\
        BCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg\
        2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybD4t1HC;AG61wBgnxBgyzBw3\
        0Bgp/Bgo4BGn67lxwFB7ukv8zBChtrypQDx681bE0v0HDoo2tCF;AEkn1Bgo4Bgp/BgqmCnC94m9tvFBlmt47lCC4rYD41lBCo4eD41cCwipEBg\
        4nBCg2cBg2lBCgmqBBg8cCgkiBBg2cCgsnBBg8cCgsnBBg8cCgynBBggeCgsnBBg8cCgsnBBgoaCggqBBgoaCgqrBBg+YC8qrBBooaC4/pBBooa\
        C4/pBBooaC4/pBBooaC4prBBo+YC4prBBo+YC4prBBooaC4/pBBooaC4/pBBowfCwjiBBwkiBCwjiBBwkiBC4tjBBokiBC4jiBBokiBC4jiBBok\
        iBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokNC4j3BBokiBC4jiBBokiBC4jiBBo8vFC4leB;AEg2mCgqmCgrtCgs0ChChq08j0GBhk5pxL\
        C4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC\
        4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnB\
        Cg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybD4t1HBwsmDC;ADg/3Bgo4Bgp/BDh5jzjkHBh/jluRC47\
        3HB;AExhwDw24Bgo4Bgp/BMxhn/8+BBxivm7mDCgpwvCD4nOCoywKD4jvICo08RD4jKCoo6wBD4rhBCogjbD49MC;TDw0PgiOgjVwBxro0vvGBx\
        yo6ukDC4jiBBowoBC49bBo0gBC45gBBoujBC4piBBo+hBC4jiBBoujBC45gBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBB\
        okiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4tjBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBoujBC4jiBBo\
        kiBC4jiBBokiBC4nd;AEg8oBgmqBgnxBgo4B+Bhsp4j0GBhmgvxLC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgk\
        iBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg\
        8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCoylC\
        BgybC;AE47mBgmqBgnxBgo4BiCpylk8rGB5/jj5TC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiB\
        CgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDovKCg1XBgkiBCgkiBBgkiBCgkiBBgujBCgsnBBg8cCgsnBBg8cCgsnBBg\
        8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybC\
        4t1HBou3DC;AE0siBgljBgmqBgnxBgCtr5k3rGB1n3i+TC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiB\
        DgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnB\
        Cg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgy\
        bD4t1HC;AFoiYgjVgljBgmqBgkcuB59i+j0GBp37pxLCwx1sDD43mDCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDg\
        kiBCookCEgkiBCgujBEgkiBCgkiBEggVCgovBEgkiBCgkiBEgkiBCgkiBEgkiBCgkiBEgujBCgsnBEg8cCgsnBEg8cCgsnBEg8cCg2oBEgybCg2\
        oBEgybCg2oBEg8cCgsnBEg8cCgsnBEg8cC;AFgozBw30Bgp/Bgo4BgnxBHhwozjkHBxwirsRC095HBsqyFD87oEBkmodD8zrzBE;ADo+6Bw47Bg\
        p/BE55x371FB51y4hHC8p49GBgs6FC;AEo6dgkcgljBgmqBwB5l99j0GBpu6pxLC4x1sDD43mDCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDg\
        kiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBC\
        g8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDoz0qBC;AEg2egkcgljBgmqBuBhq89j0GBhq7pxLC4x1sDD43mDCok\
        iBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgo5CDgovBCgkiBDgkiBCgkiBDgkiBCgki\
        BDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDo9wfC;AD+itBw2tBgp/BDj1yh/r\
        GBvskigqBCs7tGB;AFw8iCgp/BgrtCgs0CgqmCgCx7/6+wFBxzy/nrCCwhmsCD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiB\
        DgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCEggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCookCEg8\
        cCgsnBEg8cCg2oBEgybCg2oBEgybCg2oBEg8cCgsnBEg8cCgsnBEg8cCg2oBEgybCg2oBEgybCg2oBEgybCg2oBEg8cCgsnBEg8cCgsnBEg8cCg\
        2oBEgybC4t1HEokhDC;AEysfgkcgljBgmqBWvz79j0GBzg8pxLC4x1sDD43mDCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiB\
        CgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBC;AFww7Bw47Bgp/BgqmCw5iCcxnx371FBhoz4hHC899tCD4vTCo8lBD4leCo8lBD4reCo0s\
        BD4zXCootFBk8sCE45XBo0vBE49YBo2oBE4naBogqBE4naBogqBE4naBogqBE4naBok9BCsoj3BDg8cCgsnBDg8cC;AE4hoCgqmCgrtCgs0CgCp\
        +y8j0GB5v6pxLC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDg\
        ujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cD\
        gsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybD4t1HC;ADw+4Bgo4Bgp/BpBxhxz6+EB\
        x2s5wuCCggiRBgosBC4haBo4kBC4vlBBokiBC41cBo4nBC41cBo4nBC41cBo4nBC41cBowcC49tBBoqcC4joBBoqcC4joBBoqcC4piBBoqiBC4p\
        iBBokiBC4piBBokiBC4piBBokiBC4piBBo4tBC47WBoytBC47WBo+3aC4piBBokiBC4piBBo2gIC4nRB;AEuvgBgljBgmqBgnxBXzw69j0GBvi2\
        pxLC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCB;\
        AE+/UgjVgkcgljBwBjgm+j0GB/k5h49BC4txzBD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgk\
        iBCgkiBDgkiBCgkiBDgujBCookCBwjiBC4jiBBokiBC4jiBBokiBC4nkCD4jiBCoujBD4zrDCo8cD4rnBCo8cD41oBCoybD41oBCoybD41oBCo8\
        cD4rnBCo8cD4rnBCo8cD4hRCg1XBgybC;AFwjYwzYw0fgkcgljBmCxk/6gpHBh/7tyuCCg+nBDkidEg+YDgsSBk4kBC43VBowiBC47iBBos2WC4\
        zaBokiBC4viBBo+hBC4viBBo+hBC4viBBo+hBC4viBBo+hBC4viBBokiBC4viBBo+hBC4viBBo+hBC4viBBo+hBC4viBBokiBC4viBBo+hBC4vi\
        BBo+hBC4viBBo+hBC4viBBokiBC4viBBo6qFC4viBBokiBC4viBBo+hBC4viBBo+hBC4viBBo+hBC4viBBokiBC4viBBo+hBC4viBBo+hBC4viB\
        Bo+hBC4viBBokiBC4viBBo+hBC4viBBo+hBC4viBBo+hBC4viBBokiBC4viBBo+hBC4viBB;AD4gqBw1mBgmqBCp3jw9/HBpj8svrCC;ADmwhCg\
        p/BgqmCJhnri5vEBg4jhECg+YBgimBCgmeBg0sBCg0XBg0sBCg0XB;AEu6nBgmqBgnxBgo4BiCztgt9rGBvkp63TC4x1sDD4piBCokiBD4piBCo\
        kiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgkiBDgkiBCgkiB\
        DgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDg6FCoyhBBg8cCgsnBBg8cCg2oBBgybCg2oBB\
        gybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybC4t1HBo+sDC;AGskjCgo4Bgp/Bgs0CgrtCgqmChC17nn8rGBt0z/4TC4x1sDDop\
        iBEokiBD4piBEokiBD4piBEoqiBDwkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgujBEookCFggVE4jNDgkiBE\
        gkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgujBDgsnBEg8cDgsnBEg8cDgsnBEg8cDg2oBEgybDg2oBEgybDg2oBEg8cDgsnBEg8cDgsnBEg8cDg2oB\
        EgybDg2oBEgybDg2oBEgybDg2oBEg8cDgsnBEg8cDgsnBEg8cDg2oBEgybDo7fE4y1GF;AEm69Bgp/BgqmCgrtCgC7188rxGBn53ppOC4x1sDD4\
        piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiB\
        CgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2o\
        BCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybD4t1HC;AEk68Bgo4Bgp/BgqmCgC9lun8rGBlqt/4TC4x1sDD4piB\
        CokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBggVC4jNDgkiBCgk\
        iBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCg\
        ybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybD4t1HC;AFytcisagkcgljBgmqBhCvy9zslGBxt0u2FCj0llyUD4x1sD\
        E4piBDokiBE4piBDokiBE4piBDoqiBEwkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgujBDookCCggVD4jNEgk\
        iBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgujBEgsnBDg8cEgsnBDg8cEgsnBDg8cEg2oBDgybEg2oBDgybEg2oBDg8cEgsnBDg8cEgsnBDg8cEg\
        2oBDgybEg2oBDgybEg2oBDgybEg2oBDg8cEgsnBDg8cEgsnBDg8cEg2oBDgybE4t1HD;AEw7UgjVgkcgljB8Bxkm+j0GBxg5h49BC4txzBD4piB\
        CokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCookCBgkiBCgkiBBgkiBC\
        gkiBBgkiBCgkiBBgkiBC45pEDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBC\
        gybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBC;WGhhMxtNhiOhhHAghHkEh5msooEBhxnm10BC4zxJDowZCgwWD43qBCo2ZD43qBCo2\
        ZD43qBCo8ZD43qBCo2ZD43qBCgyrFDgigBCggpDDgwfCgujBDg6gBCg4kBDg6gBCg4kBDgwfCggpDDgwfCgkiBDgkiBCg2nDDgkiBCg6gBDgujB\
        Cg4kBDgwfCgkiBDgkiBCg6gBDgujBCg4kBDg2oBCgsSDgsqBCg4hBDgqiBCggeD47HEggVDokNCgoaD4xGEg+YDo6LCg+YD47HEg0XDo6LCg+YD\
        47HEg0XDo6LCgmeDgkiBC4kiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBC\
        gkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDozmiBE\
        gkiBDgkiBEgkiBDgkiBEgujBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgujBDgkiBEgkiBDgkiBEgkiBDoiRE4h\
        RFgmPEg+SDgkiBEgkiBDgkiBEgkiBDgujBEA;JEtsetrXhkchjV+Ctkwq6mGB4rhBAoykBB4hdA4ulYC1vk+zWD4v0BCo8cD4/pBCo+YD4zsBCo\
        0XD4zsBCogpDD4pWCoovBD41TCoywBD41TCo8xBD4rSCo8xBD4rSCo8xBD41TCo0+HD47cCoqulBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjB\
        CokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4jiBCokiBD4tjBCo6gBD4tjBCokiBD4jiBCokiBD4jiBCokiBD4jiBComeD4hmBComeD4rnBCo8\
        cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBComeD4hmBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4\
        rnBComeD4hmBComeD4hmBComeD4rnBCo8cD4rnBCo8cD4rnBCo+YDA;XEhnHhhHAghHjBhvnphwGBhjt2nuBCwr3nCDo6gBCgkiBDgkiBCgkiBD\
        gkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDg\
        kiBCgkiBDgkiBCgkiBDgkiBCgujBDA;AD5gLhiOhhHEhquy98FBgm0hCC431GB4kugCC;XDxlDAghHgBxlruu1FBxzj52pECgkiBBgkiBCgkiBB\
        gkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBg\
        kiBCgkiBBgkiBCgkiBBgujBCA;XEx9HhhHAghHhEhpny98FB4zxJCowZBgwWC43qBBo2ZC43qBBo2ZC43qBBo8ZC43qBBo2ZC43qBBgyrFCgigB\
        BggpDCgwfBgujBCg6gBBg4kBCg6gBBg4kBCgwfBggpDCgwfBgkiBCgkiBBg2nDCgkiBBg6gBCgujBBg4kBCgwfBgkiBCgkiBBg6gBCgujBBg4kB\
        Cg2oBBgsSCgsqBBg4hBCgqiBBggeC47HDggVCokNBgoaC4xGDg+YCo6LBg+YC47HDg0XCo6LBg+YC47HDg0XCo6LBgmeCgkiBB4kiBCgkiBBgki\
        BCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiB\
        CgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCo9niBDg6gBCgkiBDgkiBCgkiBDgujBCgkiBDgkiB\
        CgkiBDokiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDA;ACh\
        kRhiOBh83zxzEB;AE5jbhkchjVhiOkC5zopp9FBp49rhwBC45gBBoujBC45gBBo4kBC45gBBoujBC45gBBoujBC45gBBoujBC4/RBo8p2CC4xbD\
        41oBCooaD4/pBCo+iCBoybC41oBBoybC41oBBoybC41oBBoybC4/pBBooaC4/pBBoybC41oBBoybC41oBBoybC41oBBoybC41oBBoybC4/pBBoy\
        bC41oBBoybC41oBBoybC41oBBoybC41oBBoybCo2oBBooaC4prBBo+YC4prBBooaC4/pBBooaC4/pBBooaC4/pBBooaC4/pBBooaC4prBBooaC4\
        /pBBooaC4/pBBooaC;PDo8mCgqmCgrtCyC5z4xj9EBp0hhnpBCgyPBgwg1BCgqQBgkiBCgkiBBgujBCg6gBBggi7BCgqWBg+tBCg0XBg0sBCg0X\
        Bg0sBCg0XBg0sBCg+YBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCgmeBgsnBCg0XBg0sBCg0XBg0sBCg0XBg0sBCgoaBg2\
        oBCgybBggqBCgybBggqBCgoaBggqBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg+YBg0sBCg0XBg0sBCg0XBg0sBCg8cBgsnBCg8cBgsnBCg8cBgsnBC\
        g8cBg2oBCgybBg8cCgsnBBg2oBCg8cBgsnBCg8cBgsnBCg8cBg2oBCgybBg2oBCg8cBgsnBCgybBg2oBCA;YE4+gCgp/Bw5iCw6pCzCpx+xj9EB\
        5l8t/HCsk6lBDgyPCgwg1BDgqQCgkiBDgkiBCgujBDg6gBCggi7BDgqWCg+tBDg0XCg0sBDg0XCg0sBDg0XCg0sBDg+YCg0sBDg0XCg0sBDg0XC\
        g0sBDg0XCg0sBDg0XCg0sBDg0XCg0sBDg+YCg0sBDg0XCg0sBDg0XCg0sBDg0XCg0sBDgoaCg2oBDgybCggqBDgybCggqBDgoaCggqBDgoaCggq\
        BDg0XCg0sBDgybCg2oBDg+YCg0sBDgoaCggqBDgybCg2oBDg8cCgsnBDg8cCgsnBDg8cCgsnBDg8cCg2oBDgybCg2oBDgybCg2oBDg8cCgsnBDg\
        8cCgsnBDg8cCg2oBDgybCg2oBDg8cCgsnBDgybCg2oBDA;ADw3nCgqmCgrtCRxwou+8EBx3xkspBCgyPBgwg1BCgqQBgkiBCgkiBBgujBCg6gBB\
        ggi7BCgqWBgk6lBCg0XBg0sBCg0XBg0sBCg0XB;YF4piCgqmCgp/Bw5iCw6pC0Cpm9xj9EB53u49CCo+3FDsk6lBEgyPDgwg1BEgqQDgkiBEgki\
        BDgujBEg6gBDggi7BEgqWDg+tBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg+YDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg0XDg0sBEgme\
        DgsnBEg0XDg0sBEg0XDg0sBEg0XDg0sBEgoaDg2oBEgybDggqBEgybDggqBEgoaDggqBEg0XDg0sBEg0XDg0sBEg0XDg0sBEg+YDg0sBEg0XDg0\
        sBEg0XDg0sBEg8cDgsnBEg8cDgsnBEg8cDgsnBEg8cDg2oBEgybDg2oBEgybDg2oBEg8cDgsnBEg8cDgsnBEg8cDg2oBEgybDg2oBEg8cDgsnBE\
        gybDg2oBEA;PD4hlCgqmCgrtC+Cpu5vm+EB55790nBCg6gBBg2oBCg0XBg0sBCg0XBg+7wBCgqQBgkiBCgkiBBgujBCg6gBBguqyBCgkiBBgsnB\
        Cg+YBgqrBCg+YBgqrBCgoaBgqrBCgqWBg+tBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg+YBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg0\
        XBg0sBCg8cBg2oBCgybBg2oBCg0XBg0sBCg0XBg0sBCg0XBgqrBCgybBggqBCgybBggqBCgoaBggqBCgoaBggqBCg8cBgujBCg6gBBgujBCg6gB\
        BgujBCg6gBBgujBCg6gBBgujBCgkiBBgujBCg6gBBgujBCg6gBBgujBCg6gBBgujBCg6gBBg8cCgsnBBg4kBCg6gBBgujBCg6gBBgujBCg6gBBg\
        ujBCg6gBBgujBCgkiBBgkiBCg6gBBg4kBCA;AEwq9Bgp/Bw5iCw6pCKxliyj9EBxx4t/HCsk6lBDgyPCgwg1BDgqQCgkiBDgkiBCgujBDg6gBC;\
        ADgt8B4w9B4xkCThr+v1+EBp2kj1nBCgyPBgwg1BCgqQBgkiBCgkiBBggzjCCg0XBgoxSCg0XBg0vQCg2TBg0yfCggVBg2oBCg8cBgsnBCg8cB;\
        ZFoyqCgqmCw6pCw7wCgrtC3B590xj9EBpw3/8hFCs0sBD49YCo0sBD4zXCo0sBD4zXCo0sBD4zXCo0sBE8naCk2oBE8xbCkgqBE8xbCkgqBE8na\
        CkgqBE8zXCk0sBE8zXCk0sBE8zXCk0sBE89YCk0sBE8zXCk0sBE8zXCk0sBE87cCksnBE87cCksnBE87cCksnBE87cCk2oBE8xbCk8cE8rnBCk2\
        oBE87cCksnBE87cCksnBE87cCk2oBE8xbCk2oBE87cCksnBE8xbCk2oBEA;AD46lCgqmCgrtCVptqu+8EB56vkspBCgyPBgwg1BCgqQBgkiBCgk\
        iBBgujBCg6gBBggi7BCgqWBgk6lBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg+YBg0sBCg0XB;PDw+jCgqmCgrtCyCxx7xj9EBx2+gnpBCgyPBgwg1B\
        CgqQBgkiBCgkiBBgujBCg6gBBggi7BCgqWBg+tBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg+YBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sB\
        Cg0XBg0sBCg+YBg0sBCg0XBg0sBCg0XBg0sBCg0XBg0sBCgoaBg2oBCgybBg2oBCg8cBggqBCgoaBggqBCgoaBggqBCg0XBg0sBCg0XBg0sBCg+\
        YBg0sBCg0XBg0sBCgybBg2oBCg8cBgsnBCg8cBgsnBCg8cBgsnBCg8cBg2oBCgybBg8cCgsnBBg2oBCg8cBgsnBCg8cBgsnBCg8cBg2oBCgybBg\
        2oBCg8cBgsnBCgybBg2oBCA;AD4p2Bgo4Bgp/BTpukw1+EB57jj1nBCgyPBgwg1BCgqQBgkiBCgkiBBggzjCCg0XBgoxSCg0XBg0vQCg2TBg0yf\
        CggVBg2oBCg8cBgsnBCg8cB;CE0hCAghHgiOlDhg9693EBgmmwBC4nlDDg2cCw+kBDg8cCgsnBDg8cCwyKBg3UCg2oBBg+YCgovBBg0aCgmqBBg\
        qcCg4kBBg4kBCgwfBg6gBCgujBBgkiBCgkiBBg4kBCgwfBgujBCg6gBBg4kBC46gBBg4kBCgwfBgujBCg6gBBg4kBCgwfBgkiBCgkiBBg6gBCg4\
        kBBgkiBCgkiBBg6gBCgujBBg4kBCgwfBgkiBCgkiBBg6gBCgujBBg4kBCg2oBBgsSCg+PD4/nFCgybDgujBCgkiBDgqfCg+kBDgqfCg+tBDguaC\
        ggohCDg6gBCgujBDgkiBCgkiBDgkiBCgujBDg6gBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBC\
        gkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDA;GChmqBhljB3Chovw1oGB4rnB\
        Ao8cB4rnBAo02vBB4l5HAo8luBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAokiBB4jiBAokiBB4jiBAokNB4j3BAoqWB49tBAo\
        kiBB4tjBAo6gBB4tjBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAo6gBB4tjBAokiBB4jiBAokiBB4jiBAokiBB4jiBAom\
        eB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4hmBAomeB4\
        rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAo+YBA;aExozBhnxBhmqBhljBrDxo505jHBx79nhkCC4x\
        bBo0sBC4zXBo4kBC47cBosnBC47cBo2oBC4xbBoimBC4leBo2oBC4xbBo2oBC47cBosnBC47cBosnBC47cBo2oBC4xbBo2oBC4xbBo2oBC47cBo\
        snBCgokCD47cCosnBD47cCo2oBD4xbCo2oBD4xbCo2oBD4jiBCokiBD47cCosnBD47cCo2oBD4xbCoujBD45gBCo2oBD47cCosnBD47cCosnBD4\
        7cCosnBD47cCo2oBD4xbCo2oBD4vfCo4kBD47cCo4kBD4tjBCoujBD47cCo2oBD4xbCo2oBD4xbCo2oBD4xbCo2oBD47cCosnBD47cCosnBD47c\
        Co2oBD4xbCo2oBD4vfCo4kBD47cCosnBD45gBCoujBD4rnBCo2TD4nvBCo0XD4zsBCo+YD4prBCo+YD4vzDCoiRD4lzBCoiRD4lzBCoiRD4zsBC\
        o8cD4rnBCo8cD4rnBCo8cD4rnBComeDA;TE4jLgiOgjVghH2Bh4p4wlGBhmkz/dC4vKBo4sSC4pEBgrnDDw3bB4njBDoqiBB4r0RC4nXBo4gwBC\
        g4qBBw2ZCgkiBBg6gBCgghBBgojBCo6gBBwvjBCg8hBB41iBC43hBBgliBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgk\
        iBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;HChljBhkc3C\
        hnow1oGB4rnBAo8cB4rnBAo02vBB4l5HAo8luBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAokiBB4jiBAokiBB4jiBAokNB4j3\
        BAoqWB49tBAokiBB4tjBAo6gBB4tjBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAo6gBB4tjBAokiBB4jiBAokiBB4jiBA\
        okiBB4jiBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAom\
        eB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAo+YBA;bEj/C+hEAghHvEj5yyllGBg+YC\
        /4ykfDgseCgojBDg0jBCg+hBDgqiBCg+hBDgynBCggeDgqiBCg0gBDg4kBCg4kBDgybCgsnBDgmeCgsnBDg8cCgsnBDgwfCgujBDg6gBCgimBDg\
        wfCg4kBDgwfCgujBDg6gBCg4kBDgwfCg4kBDgwfCgujBDgkiBCg4kBDgwfCgujBDg6gBCg4kBDgwfCg4kBDgwfCgujBDg6gBCg4kBDg2oBCgsSD\
        g6kOCgmeDgqrBCgwfDg4kBCg8cDgsnBCgwfDgujBCg6gBDgujBCgkiBDgujBCg6gBDgwfCgujBDg6gBCg4kBDgwfCgimBDgwfCgujBDg6gBCg4k\
        BDgwfCg4kBDgwfCgujBDg6gBCg6gBDg2oBCgybDg2oBCg8cDgsnBCgybDg2oBCgybDg2oBCgybDg2oBCgybDggqBCggVDgq9HCgoaDggqBCgoaD\
        ggqBCgoaDggqBCgoaDggqBCgybDg2oBCgybDg2oBCgybDggqBCgoaDggqBCgoaDggqBC47cDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCg8cDgsn\
        BCg8cDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDgsnBCg8cDgsnBCg8cDgsnBCgmeDA;ABAA;ABhhHA;A\
        BhqmCA;ABhrtCA;ABhs0CA;ABhiOA;ABhjVA;ABhkcA;ABhljBA;ABhmqBA;ABhnxBA;ABho4BA;ABhp/BA;ABghHA;ABgqmCA;ABgrtCA;ABgs\
        0CA;ABgt7CA;ABguiDA;ABgiOA;ABgjVA;ABgkcA;ABgljBA;ABgmqBA;ABgnxBA;ABgo4BA;ABgp/BA;CE4WAghHgiOZp5yynoFB52zsh2CCo0\
        syCDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgu\
        jBDA;AE4wWgjVgkcgljB+Bp374j0GB59ivxLC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgki\
        BDgkiBCookCBgkiBCgujBBgkiBCgsmDBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgyb\
        Cg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybC4t1HBokhDC;XE3EAghHg\
        iO9E389rskCBr9xm5gECg+YBgujBCgseBgojBCg0jBBg+hBCgqiBBg+hBCgynBBggeCgqiBBg0gBCg4kBBg4kBCgybBgsnBCgmeBgsnBCgwfBg4\
        kBCgwfBgujBCg6gBBgimBCgwfBg4kBCgwfBgujBCg6gBBg4kBCgwfBg4kBCgwfBgujBCgkiBBg4kBCgwfBgujBCg6gBBg4kBCgwfBg4kBCgwfBg\
        ujBCg6gBBg4kBCg2oBBgsSC4rxCDgsSCg0sBDg0XCg0sBDg+YCgqrBDgwfCg+kBDgwTCo4PBgujBCg6gBBgmeC4nFDgqWCo4PBg+YCgqrBBg8cC\
        gsnBBgwfCgujBBg6gBCgujBBgkiBCgujBBg6gBCgwfBgujBCg6gBBg4kBCgwfBgimBCgwfBgujBCg6gBBg4kBCgwfBg4kBCgwfBgujBCg6gBBg6\
        gBCg2oBBgybCg2oBBg8cCgsnBBgybCg2oBBgybCg2oBBgybCg2oBBgybCggqBBggVCgq9HBgoaCggqBBgoaCggqBBgoaCggqBBgoaCggqBBgybC\
        g2oBBgybCg2oBBgybCggqBBgoaCggqBBgoaCggqBB47cCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCgsn\
        BBg8cCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCgsnBBg8cCgsnBB4pN;CDwzJghHgiOkBxkxrooEBx5i14rDC4spDBgybCgujB\
        BgkiBCgkiBBg8oBCgyYBg8pwCCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBB\
        gkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;CEw4GghHgiOA8Bxvu362EBxm2wnuBCo2cBw+kBCg8cBgsnBCg8cBgojuBCgmxFBg\
        ybCgujBBgkiBCgkiBBgkiBCgkiBBg2oBCg2cBowKDg4PB4vKCgwfBg4kBCgwfBgojBCgghBBg+j/BCgkiBBgujBCg6gBBgkiBCgkiBBgkiBCgki\
        BBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiB\
        BgkiBCgkiBBgkiBCgkiBBgujBCA;TDwnMgiOgjV1Bxgi72hHBx1w4xBCgkZBgkiBCgkiBBgujBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBg\
        kiBCgkiBBgkiBCgkiBBgy70CC4zXBgujBCo6gBBwkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgk\
        iBCgkiBBgkiBCgkiBBgkiBCgujBBwjiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBC4jiBBokiBC4jiBBoujBC4rnBBosM;CDo+IghHgiOkC55h2j1\
        EBp8iy+vBCo2cBw+kBCg8cBgsnBCg8cBgynBCg2cBgimBCgwfBol/rBC4urDBgybCgujBBgkiBCgkiBBo3nBCoqiBBwkcC4zjBBo+hBCgkiBBgk\
        iBCgkiBBgujBCg6gBBwz9JC49YB4qrBCg+YBg+tBCgqWBg+tBCgqWBwlmwBCg6gBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBwkiBCgujBBgkiBCg\
        kiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;\
        CEggE0vDghHgiOlBhou7+uCBtgus8sCC13xto4CDg8cCgsnBDg8cCoqryCDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgk\
        iBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDA;THwwNovNwnM\
        giOgjVghHgkctDxv9y3gEBphrz2nCC5v50oZDx1w4xBEgkZDgkiBEgkiBDgujBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgki\
        BEgkiBDg67BE4/+BDg34CFgybDgujBFgkiBDo5aE41quCG4piBEokiBG4piBEokiBG4piBEoqiBGwkiBEgkiBGgkiBEgkiBGgkiBEgkiBGgkiBE\
        gkiBGgkiBEgkiBGgkiBEgkiBG47HEwybDgkiBEgkiBDwjiBE4jiBDokiBE4jiBDokiBE4jiBDokiBE4jiBDoujBE4rnBD48cEgsnBDg8cEgsnBD\
        g8cEg2oBDgybEg2oBDgybEg2oBDg8cEgsnBDg8cEgsnBDg8cEg2oBDgybEg2oBDgybEg2oBDgybEg2oBDg8cEgsnBDg8cEgsnBDg8cEg2oBDgyb\
        Eg2oBDgybEg2oBDg8cEgsnBDg8cEgsnBDg8cEgsnBDg8cEg2oBDgybEg2oBDgybEg2oBDg8cEgsnBDg8cEgsnBDg8cEg2oBDwzL;CEpwCAghHgi\
        OzDpg+76hEB55x2qjCCg+YBgujBCgseBgojBCg0jBBg+hBCgqiBBg+hBCgynBBggeCgqiBBg0gBCg4kBBg4kBCgybBgsnBCgmeBgsnBCgwfBg4k\
        BCgwfBgujBCg6gBBgimBCgwfBg4kBCgwfBgujBCg6gBBg4kBCgwfBg4kBCgwfBgujBCgkiBBg4kBCgwfBgujBCg6gBBg4kBCgwfBg4kBCgwfBgu\
        jBCg6gBBg4kBCg2oBBgsSC4rxCDgsSCg0sBDg0XCg0sBDg+YCgqrBDgwfCg+kBDgwTCo4PBgujBCg6gBBgmeC4nFDgqWCo4PBg+YCgqrBBg8cCg\
        snBBgwfCgujBBg6gBCgujBBgkiBCgujBBg6gBCgwfBgujBCg6gBBg4kBCgwfBgimBCgwfBgujBC47s1BDgkiBCgkiBDgkiBCgkiBDgujBCgkiBD\
        gkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDA\
        ;TDq2LgiOgjViB3xwlvuGBrkxrrnBCgwiBBwwryCCgkiBBgkiBCgkiBBokiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBC\
        gkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;AFwzJghHgiOgjVgkcuCx0mh15EBxh\
        +mtrBCo2cBw+kBCg8cBgsnBCg8cBgojuBCgmxFBgybCgujBBgkiBCgkiBBgkiBCohFD47iBCoudD477qCE4piBDokiBE4piBDokiBE4piBDoqiB\
        EwkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgkiBDookCCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBC\
        gujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8\
        cDgsnBCg8cDgsnBCg8cDg2oBCgybD4t1HC;TF4pOgiOgjVghHgkclBp2s+j0GB5/4pxLC4tiYBgxsCDgybBgujBDwlGCwthwCE4piBCokiBE4pi\
        BCokiBE4piBCoqiBEwkiBCgkiBEgkiBCgkiBEgkiBCgkiBEgkiBCgkiBEgkiBCgkiBEgkiBCgkiBE4rSCwq1CBgkiBCgkiBBgkiBCgkiBBgkiBC\
        gkiBBgkiBCgkiBBgujBCohI;AEwpXgjVgkcgljB9Bh414grGBovvXC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDg\
        kiBCgkiBDgkiBCgkiBDgkiBCookCBgkiBCgujBBgkiBCgsmDBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCgsnBBg8cCgsnBBg8cCgsnBBg8cC\
        g2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybC4t1\
        HB;XE7pEAghHgiOqEhogy98FB4zxJCowZBgwWC43qBBo2ZC43qBBo2ZC43qBBo8ZC43qBBo2ZC43qBBgyrFCgigBBggpDCgwfBgujBCg6gBBg4k\
        BCg6gBBg4kBCgwfBggpDCgwfBgkiBCgkiBBg2nDCgkiBBg6gBCgujBBg4kBCgwfBgkiBCgkiBBg6gBCgujBBg4kBCg2oBBgsSCgsqBBg4hBCgqi\
        BBggeC47HDggVCokNBgoaC4xGDg+YCo6LBg+YC47HDg0XCo6LBg+YC47HDg0XCo6LBgmeCgkiBB4kiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCg\
        kiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgk\
        iBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCw9tWBgkiBCgkiBBoujBCgkiBBgkiBCgkiBBgujBCg6gBB4jiBCgkiBBgkiBCgki\
        BBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBokiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgokCDgkiBCgkiB\
        DgkiBCgkiBDgkiBCgujB;CEp3BAghHgiOvChwzynoFB47/kBCo0gBB4jiBCoqiBB4j2JCoigBB4/oDCowfB4tjBCo6gBBg4kBCg6gBB43kBCowf\
        B4hvQCooUB4jiBC4nFDgidCwslCB4leC41xEDo2WC49qBDowfC43kBDowfC43kBDowfC43kBDowfC4lxFDo8cC4/v0BDo6gBC4tjBDo6gBC45gB\
        DokiBC4tjBDo6gBCwujBDgkiBCgkiBDgkiBCgujBDg6gBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBD\
        gkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDA;CD45GghHgiO2Cp2iv46\
        EB5wysvqBC4pWBokiBC4piBBogeC4xnBBosbC41oBBowfC4jiBBo2nqBCwkjFBgybCgujBBg+hBCgwfBg+kBCwjfBwqiBCgimBBwleCgimBBwyb\
        Cg2oBBwv3lBC4zXBo+tBCgqWBg+tBCgqWBgovBCgqWBg+tBCgqWBg0sBCg0XBg+tBCg0XBg+hBCgkiBBgomBCg4bBwwoBC47cBosnBC47cBosnB\
        C47cBosnBC47cBosnBC47cBo+kBC4zgBBoujBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgki\
        BBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;AGw9Mw8MgiOgjVghHgkcjCxi+y3gEBhh\
        wrszCCxy3pxLD41yXCgp8CEgybCgujBEgkiBCohRD4t0uCF4piBDokiBF4piBDokiBF4piBDoqiBFwkiBDgkiBFgkiBDgkiBFgkiBDgkiBFgkiB\
        DgkiBFgkiBDgkiBFgkiBDo6pECgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oB\
        CgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybD;CEijBAghHgiOjD/\
        kh5s7FBjq088JCguUBg0gBCg+kBBg2cCgynBBgsbCg8oBBg4YCgovBBg0aCgmqBBgqcCg4kBBgqrBCg+YBg6gBCgujBBgkiBCgkiBBg4kBCgwfB\
        gujBCg6gBBg4kBCg6gBBg4kBCgwfBgujBCg6gBBg4kBCgwfBgkiBCgkiBBg6gBCg4kBBgkiBCgkiBBg6gBCgujBBg4kBCgwfBgkiBCgkiBBg6gB\
        CgujBBg4kBCg2oBB4sSCg5UD4kjFCgybDgujBCgkiBDwnjBCwghBDgqfC45qhCD4jiBCwujBDg6gBCgujBDgkiBCgkiBDgkiBCgujBDg6gBCgki\
        BDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgujBCgkiBDgkiBCgkiB\
        DgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDA;AIyzRu3Ru4Yu5fgkcgjVgljBgiOsCvso0slGBl7p/7BCgyhBB4hdDoiUC4rwBDvpm/EE\
        gzIFg+mDE4rGGg4eEo0FFoukCHo4wQF4x1sDE4piBFokiBE4piBFokiBE4piBFoqiBEwkiBFgkiBEgkiBFgkiBEgkiBFgkiBEgkiBFgkiBEgkiB\
        FgkiBEgkiBFgkiBEgujBFookCHggVF4jNEgkiBFgkiBEgkiBFgkiBEgkiBFgkiBEgkiBFgujBEgsnBFg8cEgsnBFg8cEgsnBFg8cEg2oBFgybEg\
        2oBFgybEg2oBFg8cEgsnBFg8cEgsnBFg8cEg2oBFgybEg2oBFgybEg2oBFgybEg2oBFg8cEgsnBFg8cEgsnBFg8cEg2oBFgybE4t1HF;TGkqLkr\
        SgiOgjVghHgkcyB9/893oGBg8cAg+kBBgyJAwr9OClo594aD479BCg37CEgybCgujBEgkiBCgkiBEwhCDwphuCF4piBDokiBF4piBDokiBF4piB\
        DoqiBFwkiBDgkiBFgkiBDgkiBFgkiBDgkiBFgkiBDgkiBFgkiBDookCCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBD\
        gkiBCgujBDgkiBCokiBDgsnBCg8cDgsnBCg8cDg2oBCotwC;CDo7FghHgiO2Ch35p46EBg8qwBC4pWBokiBC4piBBogeC4xnBBosbC41oBBowfC\
        4jiBBo2nqBCwkjFBgybCgujBBgkiBCgqfBg+kBCwjfBwqiBCgimBBwleCgimBBwybCg2oBBwv3lBC4zXBo+tBCgqWBg+tBCgqWBgovBCgqWBg+t\
        BCgqWBg0sBCg0XBg+tBCg0XBg+tBCgqWBg0sBCg0XBg+tBCgqWBg+tBCgqWBg0sBCg0XBg+tBCg0XBg0sBCg0XBwujBCg6gBBgkiBCgkiBBgkiB\
        CgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBC\
        gkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;AEovXgjVgkcgljB8Bh414grGBovvXC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgki\
        BCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCookCBgkiBCgujBBomoCCwleDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg\
        8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCoylC\
        BgybC;AEkzVgjVgkcgljB+Bh414grGBovvXC4x1sDD4piBCokiBD4piBCokiBD4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCookC\
        BgkiBCgkiBBgkiBCgujBBgkiBCgsmDBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybC\
        g2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybC4t1HBoswEC;AGw/Pg+Pgi\
        OgjVghHgkcqCxg7y3gEBxhwrszCCh06pxLD4pqYCg1kCEgybCgujBEgkiBCo7BD4zjvCF4piBDokiBF4piBDokiBF4piBDoqiBFwkiBDgkiBFgk\
        iBDgkiBFgkiBDgkiBFgkiBDgkiBFgkiBDgkiBFgkiBDgw0BCou3DDgkiBCgkiBDgkiBCgkiBDoxGFwybDgkiBFgkiBDwtjBF4snBDookCCg8cDg\
        snBCg8cDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oBCgybDg2oBCgybDg2oBCgybDg2oBCg8cDgsnBCg8cDgsnBCg8cDg2oB\
        CgybDg2oBCgybDg2oBCg8cDgsnBC47cFwrnBD;TF49Kw2NgiOghHgjVsBpigz3gEBpvq0hcCx/ztk6CDgybCgujBDgkiBCgkiBDokiBC4k4oCEo\
        qiBC4njBEoghBC4njBEw6gBCwtjBE46gBCgkiBEgkiBCgkiBEgujBCgkiBEgkiBCgkiBEgkiBCgkiBEgkiBCgkiBEgkiBCgkiBEgkiBCgkiBEgu\
        jBCwjiBE4jiBCokiBE4jiBCokiBE4jiBCokiBE4jiBCokiBE4jiBCoujBE4rnBCosM;TFozLghHgiOgjVgkcxB58v8roGBpsxhMCg8cBw/1BA59\
        htuDCppj1nkBD49rCCgvtCBgybCgujBBgkiBCongBD4nluCE4piBDokiBE4piBDokiBE4piBDoqiBEwkiBDgkiBEgkiBDgkiBEgkiBDgkiBEgki\
        BDgkiBEgkiBDookCCgkiBDgujBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgujBDgsnBCg8cDgsnBCg8cDosnBCg8cDg2\
        oBCon+E;CDwpJghHgiOyBxmzg2gGBxwpt4xBCw+iFBgybCgoCBwxviCC4pcBoynBC47cBo+nBC47cBo2oBC4xbBowoBC43bBowoBC43bBowoBC4\
        7cBoomBC47cBo2oBC47cBo+kBC4jfBoqiBCwkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBg\
        kiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgujBCA;AFg2WgjVgkcgljBgiOgCh414grGBovvXC4x1sDD4piBCokiBD4piBCokiBD4piBCo\
        qiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCookCBgkiBCgujBBookCEggVB4jNCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiB\
        BgujBCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg\
        8cCgsnBBg8cCgsnBBg8cCg2oBBgybC4t1HBokhDC;CDi1HghHgiO4B/yoh15EBjj8mtrBCo2cBw+kBCg8cBgsnBCg8cBgqqDCgmeBg46pBCgmxF\
        BgybCgujBBgkiBCgkiBBgkiBCg8BBg6kCCgghBBg+hBCgkiBBg4kBCgwfBw3tjCC45gBB4kiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgk\
        iBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBguj\
        BCA;TH47Lg7JwmLghHgiOgjVgkcvBpk/y3gEB5wphzlCCx014mFDxlzvtBE41QDoktqBFw98BEgh9CDgybEgujBDgkiBEovWF4/uuCG4piBFoki\
        BG4piBFokiBG4piBFoqiBGwkiBFgkiBGgkiBFgkiBGgkiBFgkiBGgkiBFgkiBGgkiBFookCEgkiBFgujBEgkiBFgkiBEgkiBFgkiBEgkiBFgkiB\
        EgkiBFgkiBEgkiBFgkiBEgujBFgsnBEg8cFgsnBEookCDg8cEo5hI;AEo6UgjVgkcgljB/B5t8s/rGBpni71TC4x1sDD4piBCokiBD4piBCokiB\
        D4piBCoqiBDwkiBCgkiBDgkiBCgkiBDgkiBCgkiBDgkiBCookCBgkiBCgkiBBgkiBCgujBBgkiBCgsmDBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBB\
        gujBCgsnBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBg8cCgsnBBg8cCgsnBBg8cCg2oBBgybCg2oBBgybCg2oBBgybCg2oBBg8\
        cCgsnBBg8cCgsnBBg8cCg2oBBgybC4t1HBoqyIC4p0EB;CEg7JghHgiOgjVwChtu41jGBhp2vsBCo2cBw+kBCg8cBgsnBC4tkCDg8cCwt5FB4+0\
        mBCg0hFBgybCgujBBgkiBC4viBB45mBC47iBBo4eCwghBBgmnBCg8cBg4kBCgwfBgujBCg6gBB4/sQCgqWBgkiBCgkiBBg+tBCg0XBgkiBCgkiB\
        Bg0sBCg0XBg0sBCg0XBg0sBCg0XBg+tBCgqWBgi5aCg6gBBgujBCgkiBBgkiBCgkiBBgujBCg6gBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiB\
        CgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBokiBCgkiBBgkiBCgkiBBgkiBCgujBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBCgkiBBgkiBC\
        gkiBBgujBCA;AE9/pCx6pCx5iChqmCG9rx58+EB1opzkmCCogEB4p1SC4l5HBowzDD;ADo+hBgljBgmqBC550zwzFBphz/snFC;ACwuiBgljBBx\
        562m3IB;ADw+agkcgljBFx57zwzFBx6z7wuEC4reB4q52BC47cB;AGguuCgrtCgqmCgp/Bhs0Cgs0CGhilwnoFBh7u82jCCo6iJDomjGBw182BE\
        4jkzBF;FChnxBhmqB3Chp2w1oGB4rnBAo8cB4rnBAo02vBB4l5HAo8luBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAokiBB4ji\
        BAokiBB4jiBAokNB4j3BAoqWB49tBAokiBB4tjBAo6gBB4tjBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAo6gBB4tjBAo\
        kiBB4jiBAokiBB4jiBAokiBB4jiBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAo\
        meB4hmBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAo+YBA;cE4/1Co\
        k2C405C41gDlCpo703rDBxjptkxECy+29BDggVCg+tBDg+YCg0sBDg0XCg0sBDg0XCg0sBDg0XCg0sBDg0XCg0sBDg0XCg0sBDg+YCg0sBDg0XC\
        g0sBDg0XCg0sBDg0XCg0sBDg0XCg0sBDg0XCg0sBDg+YCg0sBDg0XCg2oBDgmeCgimBDgmeCgimBDgmeCgimBDgwfCg4kBDgwfCg4kBDgwfCg4k\
        BDgwfCgimBDgmeCgimBDgmeCgimBDgwfCg4kBDgwfCg4kBDgwfCgimBDgmeCgimBDgmeCgimBDgwfCg4kBDgwfCg4kBDgwfCg4kBDgwfCg4kBDA\
        ;ICho4BhnxB3Chq9w1oGB4rnBAo8cB4rnBAo02vBB4l5HAo8luBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAokiBB4jiBAokiB\
        B4jiBAokNB4j3BAoqWB49tBAokiBB4tjBAo6gBB4tjBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4jiBAokiBB4tjBAo6gBB4tjBAokiBB4j\
        iBAokiBB4jiBAokiBB4jiBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hm\
        BAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAomeB4hmBAomeB4hmBAomeB4rnBAo8cB4rnBAo8cB4rnBAo+YBA;AHgo4ChwwCx7w\
        ChrtChqmCguiDgt7Cahw9uo4EBgsynBCxjkwrpCD8p/hEE4ojBDg6gBEglSFgpRGgkiBFgujBGg6gBFgujBGg6gBFgujBGg6gBFgujBGg6gBFgu\
        jBGg6gBFgujBGgkiBFgujBGg6gBFgujBGg6gBFgujBG;AFw9oCg/kCgqmCgp/BgrtCFxiix3gEBxmp9mcCh9o2q5CDoi3GCoyt0EE;AD48uCgrt\
        Cgs0CXpr6u/8FB5orvw0DCgsSBo2pUC4jiBBokiBC4jiBBoujBC45gBBoujBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBokiBC4jiBBoujBC\
        4pWBomzBC4hRB;AEAhs0ChrtCgt7CDh4mrmtHBgli6CC4r0gBD;ADxowChrtCgt7CCx4j1noFBxii54wGC;ADg8zCgs0Cgt7Cdh8xmjkGBhiz9k\
        8ECgqWBgovBCggVBgi8UCgqWBgsnBCg+YBgqrBCgiRBgmzBCgiRBgw0BC43PBo61BCguOBg61BCguOBgk3BCgkNBgk3BCgkNBgk3BCgkNBgu4BC\
        g6LBgqgCCgoFB;ACojxCgs0CB5siwnoFB;ADhgqBhljBhmqBEho/o1gHBh97xunDCoi5OB49MC;ACpo/Bhp/BBpg94q+FB;ACo/qCgrtCB54y0q\
        +FB;AF58kDo7jCgqmCgp/BgrtCU587+8+BBg+63DCpp0lgtCDo40FCo48fE4jtDCokjOE54zw0CCpn7nYE4jNCo0sBE49YCoqrBE49YCom8EE4j\
        NCok6EE5i7vOCp1msoBE4zXC;AEh4pChgrChqmCguiDDho90noFBh406j0ECh6881cD;AGpr8C4ssCgrtCgp/BgqmCgs0CJprz+8+BBg+63DC55\
        8t7ZDwgpJCw/qmBEo6iJDo6oJCwh3zBF4nz+BC;ACxshCx5iCBxk/4q+FB;ADw34CxgwChrtCCxg9uo4EBgsynBC;AE4nuCw7wCgp/Bgs0CEpwu\
        09tGBps/m1oBC0svGB8/wnCD;AD50vCh2vChrtCC5ku90pIBphn1gWC;dFw3uCg4uCw7wCw83CgrtCFx4kwnoFBxvwvh+CCx+o35sBDg0XCg872\
        CE0jgI;AD4guCgrtCgs0CHpn7u/8FB596j+7DC49PBoq0BC4jQB4qgmBCgiRB;AD52pDoh/Bgp/BC52g/8+BBg+63DC;ADp/8Bx47Bho4BCpvw0\
        noFBpxp0h3FC;AFw79Cx8qCx6pCx5iChqmCcxsnrqmFBgwgxDChm9qhxBD4/UEk0sBD8zXEk0sBD8zXEk0sBD89YEk0sBD8zXEk0sBD8zXEk0sB\
        D8zXEk0sBD8zXEk0sBD8zXEk0sBD89YEk0sBD8zXEk0sBD8zXEk0sBD8zXE;ACxjmChqmCBx7j5q+FB;AEg02Cg32Cgt7CguiDKhknup8HBh9hx\
        5cCh8zl9oCDg4eCgqrBD43PCow0BD43PCo+zfDgkNC;
        """
}
