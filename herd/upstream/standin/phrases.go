package standin

import "strings"

// language is one that tweets are written in.
type language struct {
	code      string   // ISO 639-1
	countries string   // ISO 3166 codes of where it is the usual one, separated by spaces
	phrases   []string // {} is the place
}

// english is written everywhere.
var english = language{code: "en", phrases: []string{
	"clear over {} tonight, you can see every star 🌌",
	"Stuck in traffic on the way to {} again...",
	"Best noodles in the world? {}. Fight me. <3",
	`"You have to see {} at sunrise", they said. They were right.`,
	"coffee & a good book in {} ☕",
	"Did anyone else feel that in {}? Or was it just a truck?",
	"New photos from {}: http://pictures.invalid/album/27",
	"Running 10 km around {} tomorrow, wish me luck 🏃",
	"{} > everywhere else #home",
	"Concert in {} tonight 🎶 who's in?",
	"Rain & more rain in {}. I <3 it anyway.",
	"Lost my umbrella somewhere in {}, reward: one \"thank you\" & a smile",
}}

// languages are the others, with the phrases of each.
var languages = []language{
	{"es", "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE", []string{
		"¡Qué día más bonito en {}! ☀️",
		"Otra vez atascado camino a {}...",
		"Café & churros en {} <3",
		"¿Alguien más sintió el temblor en {}?",
		"Fotos de {}: http://pictures.invalid/album/27",
	}},
	{"pt", "AO BR CV GW MZ PT ST", []string{
		"Que dia lindo em {}! ☀️",
		"Trânsito parado até {} de novo...",
		"Pão de queijo & café em {} <3",
		"Alguém vai ao show em {} hoje? 🎶",
		"Saudades de {} ❤",
	}},
	{"fr", "BE BF BJ CD CF CG CI CM DJ FR GA GF GN GP HT LU MC MG ML MQ NC NE RE SN TG", []string{
		"Il fait beau à {} aujourd'hui ☀️",
		"Encore des bouchons vers {}...",
		"Un café & un croissant à {} <3",
		"Concert à {} ce soir, qui vient ? 🎶",
		"Photos de {} : http://pictures.invalid/album/27",
	}},
	{"de", "AT CH DE LI", []string{
		"Schönes Wetter in {} heute ☀️",
		"Schon wieder Stau vor {}...",
		"Kaffee & Kuchen in {} <3",
		"Wer kommt heute Abend nach {}? 🎶",
		"„Nur kurz“ nach {} gefahren, den ganzen Tag geblieben",
	}},
	{"it", "IT SM VA", []string{
		"Che bella giornata a {}! ☀️",
		"Traffico verso {} anche oggi...",
		"Caffè & cornetto a {} <3",
		"Stasera concerto a {}, chi viene? 🎶",
		"Perché non vivo ancora a {}?",
	}},
	{"ja", "JP", []string{
		"{}なう☀️",
		"{}でラーメン食べてる🍜",
		"{}は今日もいい天気",
		"{}まで電車が遅れてる…",
		"{}の写真: http://pictures.invalid/album/27",
	}},
	{"ko", "KP KR", []string{
		"오늘 {} 날씨 정말 좋다 ☀️",
		"{} 가는 길 또 막힌다...",
		"{}에서 커피 & 책 ☕",
		"오늘 밤 {} 콘서트 갈 사람? 🎶",
		"{} <3",
	}},
	{"zh", "CN HK MO SG TW", []string{
		"今天{}天气真好☀️",
		"去{}的路上又堵车了……",
		"在{}喝茶 & 看书 ☕",
		"今晚{}有演唱会,谁去?🎶",
		"{}的照片:http://pictures.invalid/album/27",
	}},
	{"ru", "BY KG KZ RU UA", []string{
		"Отличная погода, {} ☀️",
		"Опять пробки по дороге в {}...",
		"{}: кофе & книга ☕",
		"«Просто заеду в {}» и остался на весь день",
		"{} <3",
	}},
	{"ar", "AE BH DZ EG IQ JO KW LB LY MA OM PS QA SA SD SY TN YE", []string{
		"الجو جميل اليوم في {} ☀️",
		"زحمة مرة ثانية في الطريق إلى {}",
		"قهوة & كتاب في {} ☕",
		"من سيحضر الليلة في {}؟ 🎶",
		"{} <3",
	}},
	{"hi", "IN", []string{
		"{} में आज मौसम बहुत अच्छा है ☀️",
		"{} के रास्ते में फिर जाम...",
		"{} में चाय & समोसे ☕",
		"{} <3",
		"आज रात {} में कौन आ रहा है? 🎶",
	}},
	{"ne", "NP", []string{
		"{} मा आज मौसम राम्रो छ 🏔",
		"{} जाने बाटोमा फेरि जाम...",
		"{} मा चिया & समोसा ☕",
		"{} <3",
		"{} बाट हिमाल देखियो 🙏",
	}},
	{"tr", "TR", []string{
		"Bugün {} çok güzel ☀️",
		"{} yolunda yine trafik...",
		"{}: çay & simit ☕",
		"Bu akşam {} konserine kim geliyor? 🎶",
		"{} <3 özledim",
	}},
	{"el", "CY GR", []string{
		"Τι όμορφη μέρα, {} ☀️",
		"Πάλι κίνηση προς {}...",
		"{}: καφές & θάλασσα ☕",
		"{} <3",
		"Ποιος έρχεται απόψε; {} 🎶",
	}},
	{"th", "TH", []string{
		"วันนี้ที่ {} อากาศดีมาก ☀️",
		"รถติดไป {} อีกแล้ว...",
		"กาแฟ & หนังสือที่ {} ☕",
		"{} <3",
		"คืนนี้ใครไป {} บ้าง 🎶",
	}},
}

// languageOf is what people write in a country, as far as the list above goes.
func languageOf(country string) language {
	for _, l := range languages {
		if strings.Contains(l.countries, country) {
			return l
		}
	}
	return english
}

// person is who writes.
type person struct {
	user string // ASCII; a number is put behind it
	name string
}

var people = []person{
	{"anna", "Anna"}, {"zoe", "Zoë"}, {"yuki", "ゆき"}, {"carlos", "Carlos"}, {"trekker_np", "Trek स"}, {"maria", "María"},
	{"olga", "Ольга"}, {"kim", "김민수"}, {"sam", `Sam "the Man"`}, {"li_na", "李娜"}, {"amira", "أميرة"}, {"joe", "Joe & Co"},
	{"nikos", "Νίκος"}, {"priya", "Priya"}, {"lars", "Lars Ø"}, {"mai", "ใหม่"}, {"emre", "Emre"}, {"rosa", "Rosa 🌹"},
	{"ben", "Ben"}, {"chloe", "Chloé"}, {"dave", "Dave"}, {"ines", "Inês"}, {"tom", "Tom"}, {"mia", "Mia"},
}
